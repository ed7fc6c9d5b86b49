"""What the twins of Meta's products share: how an address is subscribed, and which statuses follow a message."""
