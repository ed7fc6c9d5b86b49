"""What each setting does."""
