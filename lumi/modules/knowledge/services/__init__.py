"""The use cases of knowledge: keeping documents, loading many, finding, and what was not found."""
