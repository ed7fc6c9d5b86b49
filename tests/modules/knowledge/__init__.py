"""Knowledge: what is stored, found, answered and admitted not to be known."""
