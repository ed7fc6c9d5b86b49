"""Text into words, concepts, units and sections: pure code. `lexicon.yaml` and `fillers.yaml` are its data."""
