"""A twin of Telegram's Bot API: a small server with the same shapes, for the demo, tests and benchmarks.

It takes messages as its original does, keeps updates until they are taken, posts them with the bot's secret or
hands them out, plays the people at the other end, and misbehaves on request. Like its original it takes no
idempotency key. Of the ways to mark up a text it knows HTML alone."""
