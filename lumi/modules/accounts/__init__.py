"""Accounts: the people who work here, and what proves it.

Owns identities (a login, one a person for the whole installation), memberships, roles, sessions, API keys and
the reading of the audit. It never says whether an e-mail address is known, never shows a secret twice, and
refuses permissions that the one who grants them does not have.
"""
