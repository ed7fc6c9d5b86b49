"""Every query of the channels."""
