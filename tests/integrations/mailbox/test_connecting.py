"""Whom we speak to: addresses are allowed and pinned, names are verified, nothing goes out in clear."""

import asyncio
import traceback
from collections.abc import AsyncGenerator, AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from ipaddress import ip_address
from pathlib import Path

import pytest
from pydantic import SecretStr

from lumi.core.http import Http, OutsideFailure, Rejected, Unavailable
from lumi.core.http.addresses import Address, check_address
from lumi.integrations.mailbox.account import Login, Security, Server
from lumi.integrations.mailbox.errors import MailRejected, Reason
from lumi.integrations.mailbox.fake.server import RunningTwin, running
from lumi.integrations.mailbox.fake.twin import TwinSettings
from lumi.integrations.mailbox.imap import Imap
from lumi.integrations.mailbox.smtp import Smtp
from tests.core.certificates import self_made
from tests.integrations.mailbox.doors import at_home
from tests.integrations.mailbox.dovecot import ACCOUNT
from tests.integrations.mailbox.scripted import scripted
from tests.waiting import until

PASSWORD = "an-invented-password"
NAME = "localhost"  # what the certificate is good for, besides 127.0.0.1


@pytest.fixture
async def encrypting(tmp_path: Path) -> AsyncIterator[tuple[RunningTwin, Server]]:
    """A twin with a certificate, and its IMAP server as an account sees it."""
    certificate = self_made(tmp_path)
    settings = TwinSettings(accounts=(ACCOUNT,), password=PASSWORD, certificate=certificate)
    async with running(settings) as twin:
        authorities = certificate[0].read_text()
        yield twin, Server(NAME, twin.ports.imap_tls, ACCOUNT, SecretStr(PASSWORD), authorities=authorities)


class Gate:
    """Asked before each connection, it refuses or names the addresses."""

    def __init__(self, *addresses: str, refusal: Exception | None = None) -> None:
        self.asked: list[tuple[str, int]] = []
        self._addresses = [ip_address(each) for each in addresses]
        self._refusal = refusal

    async def __call__(self, host: str, port: int) -> Sequence[Address]:
        self.asked.append((host, port))
        if self._refusal is not None:
            raise self._refusal
        return self._addresses


async def test_a_refused_address_is_not_connected_to(http: Http, encrypting: tuple[RunningTwin, Server]) -> None:
    twin, server = encrypting
    gate = Gate(refusal=Rejected(0, reason="this address is ours"))
    for probe in (Imap(http, server, allow=gate).probe, Smtp(http, server, allow=gate).probe):
        with pytest.raises(Rejected, match="this address is ours"):
            await probe()
    assert gate.asked == [(NAME, twin.ports.imap_tls)] * 2
    assert twin.twin.connections == 0


async def test_a_refusal_of_another_kind_passes_unchanged(http: Http, encrypting: tuple[RunningTwin, Server]) -> None:
    gate = Gate(refusal=LookupError("no such tenant"))
    with pytest.raises(LookupError, match="no such tenant"):
        await Imap(http, encrypting[1], allow=gate).probe()


@pytest.mark.parametrize("security", [Security.TLS, Security.STARTTLS])
async def test_the_pinned_address_is_used_and_the_name_is_verified(
    http: Http, encrypting: tuple[RunningTwin, Server], security: Security
) -> None:
    twin, server = encrypting
    is_tls = security is Security.TLS
    imap = replace(server, port=twin.ports.imap_tls if is_tls else twin.ports.imap, security=security)
    smtp = replace(server, port=twin.ports.smtp_tls if is_tls else twin.ports.smtp, security=security)
    gate = Gate("127.0.0.1")
    await Imap(http, imap, allow=gate).probe()
    await Smtp(http, smtp, allow=gate).probe()
    # No resolver knows this name: only the pinned address can have been used, and its certificate is for another.
    for probe in (
        Imap(http, replace(imap, host="mail.example.invalid"), allow=gate).probe,
        Smtp(http, replace(smtp, host="mail.example.invalid"), allow=gate).probe,
    ):
        with pytest.raises(MailRejected) as failure:
            await probe()
        assert failure.value.reason is Reason.ENCRYPTION
        assert "certificate" in failure.value.details


async def test_an_address_behind_our_own_door_is_not_called(http: Http, encrypting: tuple[RunningTwin, Server]) -> None:
    twin, server = encrypting
    for probe in (Imap(http, server, allow=check_address).probe, Smtp(http, server, allow=check_address).probe):
        with pytest.raises(MailRejected) as failure:
            await probe()
        assert failure.value.reason is Reason.ADDRESS
    assert twin.twin.connections == 0


async def test_when_one_address_does_not_answer_the_next_one_is_called(
    http: Http, encrypting: tuple[RunningTwin, Server]
) -> None:
    await Imap(http, encrypting[1], allow=Gate("127.0.0.2", "127.0.0.1")).probe()


@pytest.mark.parametrize("addresses", [["192.0.2.1"], ["127.0.0.1", "192.0.2.1"]])
async def test_in_clear_only_this_machine_is_spoken_to(http: Http, addresses: list[str]) -> None:
    server = Server(NAME, 143, ACCOUNT, SecretStr(PASSWORD), Security.PLAIN)
    gate = Gate(*addresses)
    for probe in (Imap(http, server, allow=gate).probe, Smtp(http, server, allow=gate).probe):
        with pytest.raises(MailRejected) as failure:
            await probe()
        assert failure.value.reason is Reason.ADDRESS


async def test_a_name_that_nobody_knows_is_unavailable(http: Http) -> None:
    server = Server("mail.example.invalid", 993, ACCOUNT, SecretStr(PASSWORD))
    with pytest.raises(Unavailable):
        await Imap(http, server, allow=at_home).probe()


@pytest.mark.parametrize(
    "says",
    [
        (b"* OK ready", b"* CAPABILITY IMAP4rev1\r\nTAG OK done"),
        (b"* PREAUTH you are in", b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done"),
        (b"* OK ready", b"* CAPABILITY IMAP4rev1 STARTTLS\r\nTAG OK done", b"TAG NO not today"),
    ],
    ids=["not offered", "logged in already", "refused"],
)
async def test_imap_without_the_encryption_that_was_wished_gets_no_password(
    http: Http, says: tuple[bytes, ...]
) -> None:
    async with scripted(*says, then_hangs=True) as server:
        wished = Server("127.0.0.1", server.port, ACCOUNT, SecretStr(PASSWORD), Security.STARTTLS)
        with pytest.raises(MailRejected) as failure:
            await Imap(http, wished, allow=at_home).probe()
        assert failure.value.reason is Reason.ENCRYPTION
        assert [each.split()[1] for each in server.heard] in ([b"CAPABILITY"], [b"CAPABILITY", b"STARTTLS"])


@pytest.mark.parametrize("says", [(b"220 ready", b"250 hello")])
async def test_smtp_without_the_encryption_that_was_wished_gets_no_password(
    http: Http, says: tuple[bytes, ...]
) -> None:
    async with scripted(*says, then_hangs=True) as server:
        wished = Server("127.0.0.1", server.port, ACCOUNT, SecretStr(PASSWORD), Security.STARTTLS)
        with pytest.raises(MailRejected) as failure:
            await Smtp(http, wished, allow=at_home).probe()
        assert failure.value.reason is Reason.ENCRYPTION
        assert len(server.heard) == 1


@asynccontextmanager
async def somebody_between(port: int, after: bytes, adds: bytes) -> AsyncGenerator[int]:
    """Passes everything on, and adds a line to what the server says in clear; gives the port to call."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, added: bytes) -> None:
        while data := await reader.read(65536):
            writer.write(data + added if after in data else data)

    async def between(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        source, onwards = await asyncio.open_connection("127.0.0.1", port)
        with suppress(OSError):
            await asyncio.wait(
                [asyncio.create_task(carry(reader, onwards, b"")), asyncio.create_task(carry(source, writer, adds))],
                return_when=asyncio.ALL_COMPLETED,
            )
        onwards.transport.abort()
        writer.transport.abort()

    listener = await asyncio.start_server(between, "127.0.0.1", 0)
    try:
        yield int(listener.sockets[0].getsockname()[1])
    finally:
        listener.close()


@pytest.mark.parametrize("added", [b"L3 BAD injected\r\n", b"* BYE injected\r\n", b"* OK injected"])
async def test_what_was_said_in_clear_does_not_count_in_tls(
    http: Http, encrypting: tuple[RunningTwin, Server], added: bytes
) -> None:
    twin, server = encrypting
    async with somebody_between(twin.ports.imap, b"Begin TLS", added) as port:
        await Imap(http, replace(server, port=port, security=Security.STARTTLS), allow=at_home).probe()
    await until(lambda: twin.twin.connections == 0)


@pytest.mark.parametrize(("host", "port"), [("", 993), ("mail example", 993), ("a\r\nb", 993), ("h", 0), ("h", 70000)])
def test_a_server_has_a_name_and_a_port(host: str, port: int) -> None:
    with pytest.raises(ValueError, match=r"server|port"):
        Server(host, port, ACCOUNT, SecretStr(PASSWORD))


@pytest.mark.parametrize("login", list(Login))
async def test_the_secret_is_shown_nowhere(
    http: Http,
    encrypting: tuple[RunningTwin, Server],
    login: Login,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    twin, right = encrypting
    wrong = replace(right, secret=SecretStr("hush-hush"), login=login, port=twin.ports.imap_tls)
    shown = [repr(wrong), repr(Imap(http, wrong, allow=at_home)), repr(Smtp(http, wrong, allow=at_home))]
    way_out = Smtp(http, replace(wrong, port=twin.ports.smtp_tls), allow=at_home)
    for probe in (Imap(http, wrong, allow=at_home).probe, way_out.probe):
        try:
            await probe()
        except OutsideFailure as failure:
            shown += traceback.format_exception(failure, chain=True)
            shown += [repr(failure), repr(vars(failure))]
    assert len(shown) > 5
    assert "hush" not in "".join([*shown, *capfd.readouterr(), caplog.text])
    assert ACCOUNT not in "".join([*shown[3:], *capfd.readouterr(), caplog.text])
