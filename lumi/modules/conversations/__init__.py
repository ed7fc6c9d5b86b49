"""Conversations: the ledger of every thread, numbered without gaps, and what staff do with it.

Owns messages and the inbox. A person who replies or takes a thread over goes through its lane like everybody else;
it refuses a reply in a thread that somebody else holds.
"""
