"""Use cases of the channels: connect an account, receive, send, and the thread as others may see it."""
