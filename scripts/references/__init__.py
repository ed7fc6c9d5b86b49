"""Documents made from the code: one file here for each."""
