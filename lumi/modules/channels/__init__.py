"""Channels: where messages come in and go out.

Owns provider apps, connected accounts, threads, inbound events, deliveries and the send gate. It believes a body
only for accounts of the app whose secret signed it, and it is the only place that knows a channel by name. It
refuses to say anything twice: an unknown outcome is shown, never guessed.
"""
