"""One folder per outside system: how to talk to it, in its own terms. Knows no domain and no database."""
