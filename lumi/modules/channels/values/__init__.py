"""What travels between a channel and the house."""
