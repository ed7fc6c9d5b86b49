"""Bodies that providers really post, damaged in every way, through the front door: none is lost, none breaks it."""
