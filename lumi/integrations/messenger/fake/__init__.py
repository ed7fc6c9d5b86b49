"""A twin of Messenger's Send API and its webhooks: a small server with the same shapes, for demo, tests and benchmarks.

It takes messages as its original does, posts signed webhooks, plays the person at the other end of the line,
and misbehaves on request. Like its original it takes no idempotency key: two identical posts are two messages.
Templates it does not take. Given another surface it is Instagram. Being an outside system, it makes its own
connections."""
