"""A twin of WhatsApp's Cloud API: a small server with the same shapes, for the demo, tests and benchmarks.

It takes messages as its original does, posts signed webhooks, plays the person at the other end of the
line, and misbehaves on request. Like its original it takes no idempotency key: two identical posts are two
messages. Being an outside system, it makes its own connections."""
