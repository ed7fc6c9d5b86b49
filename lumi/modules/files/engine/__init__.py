"""What a file is, by its bytes: a table and the looking, both pure."""
