"""How a twin tells of its access token."""

from __future__ import annotations


def debugged(app_id: str, kind: str, is_valid: bool, expires_at: int) -> dict[str, object]:
    """The answer to `debug_token`; `expires_at` in seconds, 0 for never."""
    told: dict[str, object] = {"app_id": app_id, "type": kind, "application": "Twin's app", "is_valid": is_valid}
    if is_valid:
        told |= {"expires_at": expires_at, "data_access_expires_at": 0, "scopes": []}
    else:
        words = "The access token could not be decrypted"
        told |= {"error": {"code": 190, "message": words}, "scopes": []}
    return {"data": told}
