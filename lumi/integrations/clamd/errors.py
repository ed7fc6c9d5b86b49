"""What clamd refuses."""

from __future__ import annotations

from lumi.core.http import Rejected

_LONGEST_REASON = 200


class TooLargeToScan(Rejected):
    """There is more than its StreamMaxLength: the same bytes will be refused again."""

    def __init__(self) -> None:
        super().__init__(0, reason="it is larger than clamd reads (StreamMaxLength)")


class BeyondLimits(Rejected):
    """There is more in it than clamd looks into, and it says so (`AlertExceedsMax yes`): not seen whole."""

    def __init__(self, limit: str) -> None:
        self.limit = limit
        super().__init__(0, reason=f"it is beyond what clamd looks into ({limit})")


class NotLooked(Rejected):
    """It could not look at these bytes; another time it may."""

    def __init__(self, said: str) -> None:
        super().__init__(0, reason=f"clamd could not look: {said[:_LONGEST_REASON]}")
