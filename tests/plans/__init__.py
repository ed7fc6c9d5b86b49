"""How lists and searches are read: by an index, whatever an organisation has."""
