"""Facebook Messenger: the webhooks it posts for a page, the calls it takes, and a twin that behaves like it.

Holds nothing between calls: who is written to, when and how often is decided elsewhere."""
