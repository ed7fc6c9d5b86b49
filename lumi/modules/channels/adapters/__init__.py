"""One regular file a channel: what they post becomes our terms, our text becomes their call."""
