"""Pure code: what is usual on an account, what somebody should be told, what may not leave as it is."""
