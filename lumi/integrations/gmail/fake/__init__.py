"""A twin of Gmail: its API, the token endpoint before it, and the pushes behind it, for the demo, tests and benchmarks.

It takes mail as its original does, puts it in threads by its headers, pushes what changes with a token signed by a
key of its own, plays the people who write to it, and misbehaves on request. Like its original it takes no
idempotency key, and it replaces the Message-ID of what it is given unless it is told to keep it."""
