"""Use cases of accounts, by family."""
