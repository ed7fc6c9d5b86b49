"""Why a backup was not made or not restored, in a sentence for the operator."""


class BackupFailed(RuntimeError):
    """Nothing was written, or nothing was changed; the message says why and what to do."""
