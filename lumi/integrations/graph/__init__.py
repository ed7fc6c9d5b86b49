"""What Meta's products share: how webhooks are signed and subscribed, and how the Graph API refuses."""
