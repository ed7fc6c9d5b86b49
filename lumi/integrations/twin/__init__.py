"""What the twins of outside systems share: a die for faults, a ledger of what was taken, webhooks, a control surface.

A twin takes what its original takes and nothing more, posts what its original posts, and misbehaves on request. Being
an outside system, it makes its own connections and listens on this machine only.
"""
