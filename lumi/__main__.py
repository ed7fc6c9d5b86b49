"""`python -m lumi` is the `lumi` command."""

from lumi.cli import main

if __name__ == "__main__":
    main()
