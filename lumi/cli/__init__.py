"""The `lumi` command: parse, open the house, call a service, print."""


def main() -> None:
    """Run the command line; what it refuses is said in one line and ends with exit code 1, misuse with 2."""
    from lumi.cli.application import run

    run()
