"""What can go wrong with the embedded server, for the developer who reads the traceback."""


class ServerFailed(RuntimeError):
    """The embedded server could not be made, started or reached; the message names the log."""


class ServerInUse(RuntimeError):
    """Another process holds the server that was to be removed."""
