"""Tenants: the organisations Lumi works for.

Owns who they are, the languages they speak, their time zone, the packs that are switched on, their settings,
and the names under which the outside knows them. It refuses a slug that is taken, a language Lumi does not
speak, a time zone that does not exist, and to say anything of one tenant to another.
"""
