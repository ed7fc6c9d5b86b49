"""Pure code about accounts: what is usual on one, and what somebody should be told."""
