"""From an open connection to one that is logged in, the way the server wants it."""

import base64

from lumi.integrations.mailbox.account import Login, Security, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason
from lumi.integrations.mailbox.imap_dialogue import Answer, ImapDialogue
from lumi.integrations.mailbox.imap_syntax import quoted
from lumi.integrations.mailbox.reaching import encrypt


async def log_in(dialogue: ImapDialogue, server: Server) -> None:
    """Greet, encrypt where that is to be done now, and log in. MailRejected says what stood in the way."""
    greeting = await dialogue.greeting()
    await dialogue.learn_capabilities()
    if server.security is Security.STARTTLS:
        # A server that has us logged in already takes no STARTTLS: somebody in between may have said so.
        if "STARTTLS" not in dialogue.capabilities or greeting.status != "OK":
            raise MailRejected(0, Reason.ENCRYPTION, "it offers no STARTTLS")
        (await dialogue.ask(b"STARTTLS")).expect(Reason.ENCRYPTION)
        await encrypt(dialogue.lines, server)
        await dialogue.learn_capabilities()
    if greeting.status == "OK":
        (await _present(dialogue, server)).expect(Reason.AUTH)
        await dialogue.learn_capabilities()


async def _present(dialogue: ImapDialogue, server: Server) -> Answer:
    user, secret = server.user.encode(), server.secret.get_secret_value().encode()
    if server.login is Login.XOAUTH2:
        if "AUTH=XOAUTH2" not in dialogue.capabilities:
            raise MailRejected(0, Reason.AUTH, "it takes no access tokens")
        proof = base64.b64encode(b"user=" + user + b"\x01auth=Bearer " + secret + b"\x01\x01")
        # The reason of a refusal comes as a question, which has to be answered with nothing.
        return await _authenticate(dialogue, b"XOAUTH2", proof, b"")
    if "AUTH=PLAIN" in dialogue.capabilities:
        return await _authenticate(dialogue, b"PLAIN", base64.b64encode(b"\0" + user + b"\0" + secret))
    if "LOGINDISABLED" in dialogue.capabilities:
        raise MailRejected(0, Reason.AUTH, "it takes no passwords")
    return await _login(dialogue, user, secret)


async def _authenticate(dialogue: ImapDialogue, mechanism: bytes, proof: bytes, *lines: bytes) -> Answer:
    command = b"AUTHENTICATE " + mechanism
    if "SASL-IR" in dialogue.capabilities:
        return await dialogue.ask(command + b" " + proof, *lines)
    return await dialogue.ask(command, proof, *lines)


async def _login(dialogue: ImapDialogue, user: bytes, secret: bytes) -> Answer:
    name, word = quoted(user), quoted(secret)
    if name is not None and word is not None:
        return await dialogue.ask(b"LOGIN " + name + b" " + word)
    return await dialogue.ask(b"LOGIN {%d}" % len(user), user + b" {%d}" % len(secret), secret)
