"""What an operator may set, one file a noun. `lumi.core.settings` puts them together."""
