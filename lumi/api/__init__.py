"""The HTTP surface as a whole: the table of contents, webhooks, sockets, health."""
