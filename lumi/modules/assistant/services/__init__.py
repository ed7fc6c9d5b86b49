"""Use cases of the assistant: the turn of a thread, and its three phases think, save, deliver."""
