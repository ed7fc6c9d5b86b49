"""Attachments: what people send beside words: pictures, documents, recordings.

Owns the record of each file of a message and what became of it: fetched from its provider, looked at, kept by the
files module, and, where it is somebody speaking and somebody can hear, written down. It refuses nothing itself: what
cannot be had says why, and the conversation goes on.
"""
