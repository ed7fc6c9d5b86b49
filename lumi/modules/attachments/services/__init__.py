"""Use cases of attachments: fetch one, hear one, show those of a conversation, forget them."""
