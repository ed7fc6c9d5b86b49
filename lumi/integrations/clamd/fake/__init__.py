"""A twin of clamd: knows one file by heart, EICAR's test file, and refuses, hangs and hangs up as its original does."""
