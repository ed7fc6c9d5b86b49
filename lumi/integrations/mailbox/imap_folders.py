"""Folders of a mailbox: opened to be read, and which one keeps what was sent (RFC 6154)."""

from collections.abc import Awaitable, Callable

from lumi.integrations.mailbox.errors import MailRejected, Reason
from lumi.integrations.mailbox.imap_dialogue import Answer
from lumi.integrations.mailbox.imap_syntax import Garbled, quoted, values
from lumi.integrations.mailbox.shapes import Position

Ask = Callable[[bytes], Awaitable[Answer]]

# As mail programs call it where the server does not say which it is.
_USUAL = (b"sent", b"sent items", b"sent messages", b"sent mail", b"inbox.sent", b"inbox/sent")


async def examine(ask: Ask, name: bytes) -> Position:
    """Open a folder, whose `name` is as it travels, to read it; the position after all that is there.

    Raises MailRejected where there is none, or none whose mails can be told apart tomorrow.
    """
    # EXAMINE is SELECT for who only reads: the server itself holds us to it.
    answer = (await ask(b"EXAMINE " + name)).expect(Reason.MAILBOX)
    uid_validity = answer.told("UIDVALIDITY")
    if uid_validity is None:
        raise MailRejected(0, Reason.MAILBOX, "its mails have no lasting numbers")
    return Position(uid_validity, (answer.told("UIDNEXT") or 1) - 1)


def sent_folder(listed: Answer) -> bytes | None:
    """The folder of what was sent, as it travels: the one the server marks, else one of a usual name; or none."""
    folders = [found for parts in listed.named(b"LIST") if (found := _folder(parts)) is not None]
    marked = [name for marks, name in folders if b"\\sent" in marks]
    usual = [name for wanted in _USUAL for _, name in folders if name.lower() == wanted]
    return next((safe for name in [*marked, *usual] if (safe := quoted(name)) is not None), None)


def _folder(parts: list[bytes]) -> tuple[set[bytes], bytes] | None:
    """The marks of a folder in small letters, and its name; None for one that cannot be opened or read."""
    try:
        _, _, marks, _, name = values(parts)
    except (Garbled, ValueError):
        return None
    found = {each.lower() for each in marks if isinstance(each, bytes)} if isinstance(marks, list) else set[bytes]()
    return None if b"\\noselect" in found or not isinstance(name, bytes) else (found, name)
