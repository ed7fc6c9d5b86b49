"""Gmail's API: the calls it takes, the pushes it sends by Pub/Sub, and a twin that behaves like it.

Mail itself is read and written by `lumi.integrations.mail`. Holds nothing between calls but an access token."""
