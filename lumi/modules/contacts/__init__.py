"""Contacts: the people a tenant talks with, and the addresses they are reached at.

Owns who is who: the addresses a message came with lead to one person, and two who turn out to be one become
one. Owns who said stop. It refuses an address that cannot be one, and an address that is somebody else's.
"""
