"""A twin of a mail provider: an IMAP and an SMTP server for the demo, tests and benchmarks.

It takes mails as its original does, plays the people who write and are written to, and misbehaves on request. Like
its original it knows no key that would make two identical mails one. Being an outside system, it makes its own
connections and listens on this machine only."""
