"""Attachments: what people send beside words, and what staff send them: pictures, documents, recordings.

Owns the record of each file of a message and what became of it: fetched from its provider, looked at, kept by the
files module, and, where it is somebody speaking and somebody can hear, written down. It refuses nothing of what people
send: what cannot be had says why, and the conversation goes on. What staff attach is refused at once where its channel
does not take it, and sent with one message, once.
"""
