"""How an address shows that it wants the twin's events."""

import aiohttp

_CHALLENGE = "1158201444"


async def echoes(url: str, verify_token: str) -> bool:
    """Whether the address answers a challenge under this token as a subscriber does."""
    query = {"hub.mode": "subscribe", "hub.challenge": _CHALLENGE, "hub.verify_token": verify_token}
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10)) as session,
            session.get(url, params=query, allow_redirects=False) as answer,
        ):
            return answer.status == 200 and await answer.text() == _CHALLENGE
    except (aiohttp.ClientError, TimeoutError, OSError):
        return False
