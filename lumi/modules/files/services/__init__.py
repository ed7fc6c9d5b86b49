"""The use cases of files."""
