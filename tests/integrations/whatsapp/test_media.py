"""Files to and from WhatsApp, over real connections to the twin."""

import base64
import hashlib

import pytest
from aiohttp import web

from lumi.core.http import Http, Rejected, Unavailable, answers
from lumi.integrations.whatsapp.client import WhatsApp
from lumi.integrations.whatsapp.errors import GraphRejected, Reason, TooLarge
from lumi.integrations.whatsapp.fake.faults import Faults
from lumi.integrations.whatsapp.fake.limits import Limits
from lumi.integrations.whatsapp.fake.server import RunningTwin
from lumi.integrations.whatsapp.media_address import may_fetch
from lumi.integrations.whatsapp.media_calls import digest_of, largest_upload
from tests.integrations.listening import serving
from tests.integrations.whatsapp.conftest import Webhook
from tests.integrations.whatsapp.phone import Phone

PERSON = "33600000042"
VOICE = b"OggS" + bytes(range(256)) * 8
TYPE = "audio/ogg; codecs=opus"


async def uploaded(whatsapp: WhatsApp, content: bytes = VOICE) -> str:
    return await whatsapp.upload_media(content, TYPE, "note.ogg")


async def test_what_was_uploaded_is_described_and_comes_back(whatsapp: WhatsApp) -> None:
    media_id = await uploaded(whatsapp)
    info = await whatsapp.describe_media(media_id)
    assert (info.id, info.mime, info.size) == (media_id, TYPE, len(VOICE))
    assert info.sha256 == hashlib.sha256(VOICE).hexdigest()
    assert await whatsapp.download_media(info.url, len(VOICE), info.sha256) == VOICE


@pytest.mark.parametrize("name", ["note.ogg", 'a "b"\r\nX-Evil: 1.ogg', "Épingle 🌻.ogg", "\0"])
async def test_a_file_arrives_whole_whatever_it_is_called(whatsapp: WhatsApp, served: RunningTwin, name: str) -> None:
    content = b"--lumi\r\n\r\n--\r\nContent-Disposition: form-data\r\n"
    media_id = await whatsapp.upload_media(content, "audio/ogg", name)
    file = served.twin.files.find(media_id)
    assert file is not None
    assert (file.content, file.mime) == (content, "audio/ogg")


@pytest.mark.parametrize("mime", ["", "audio", "audio/ogg\r\nX-Evil: 1", "audio/ogg; codecs", "a b/c"])
async def test_a_type_that_is_none_never_leaves(whatsapp: WhatsApp, mime: str) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.upload_media(VOICE, mime, "note.ogg")
    assert (failure.value.status, failure.value.code) == (0, 131053)


@pytest.mark.parametrize(
    ("mime", "largest"),
    [
        ("image/jpeg", 5 << 20),
        ("IMAGE/PNG", 5 << 20),
        ("image/webp", 500 << 10),
        (TYPE, 16 << 20),
        ("video/mp4", 16 << 20),
        ("application/pdf", 100 << 20),
    ],
)
def test_each_kind_of_file_has_its_largest_size(mime: str, largest: int) -> None:
    assert largest_upload(mime) == largest


async def test_a_file_that_is_too_large_never_leaves(whatsapp: WhatsApp) -> None:
    with pytest.raises(TooLarge) as failure:
        await whatsapp.upload_media(bytes((500 << 10) + 1), "image/webp", "a.webp")
    assert (failure.value.size, failure.value.limit) == ((500 << 10) + 1, 500 << 10)
    with pytest.raises(GraphRejected):
        await whatsapp.upload_media(b"", "image/webp", "a.webp")


async def test_a_type_that_whatsapp_does_not_take_is_its_own_refusal(whatsapp: WhatsApp) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.upload_media(b"PK", "application/zip", "a.zip")
    assert (failure.value.status, failure.value.code, failure.value.reason) == (400, 100, Reason.PAYLOAD)


async def test_an_upload_without_an_answer_may_be_made_again(whatsapp: WhatsApp, served: RunningTwin) -> None:
    served.twin.faults = Faults(disconnect_after_accept_rate=1)
    with pytest.raises(Unavailable):
        await uploaded(whatsapp)


async def test_a_voice_note_is_downloaded_by_what_its_webhook_says(
    whatsapp: WhatsApp, phone: Phone, webhook: Webhook
) -> None:
    media = {"base64": base64.b64encode(VOICE).decode(), "mime": TYPE, "voice": True}
    await phone.post("inbound", {"from": PERSON, "media": media})
    await webhook.until(lambda: len(webhook.messages) == 1)
    [message] = webhook.messages
    reference = message.media
    assert message.type == "audio"
    assert reference is not None
    assert (reference.mime, reference.voice) == (TYPE, True)
    assert await whatsapp.download_media(reference.url, 1 << 20, reference.sha256) == VOICE


async def test_an_address_that_is_over_is_replaced_once(whatsapp: WhatsApp, served: RunningTwin) -> None:
    media_id = await uploaded(whatsapp)
    served.twin.settings.limits = Limits(media_url_seconds=0)
    over = (await whatsapp.describe_media(media_id)).url
    with pytest.raises(Rejected) as failure:
        await whatsapp.download_media(over, 1 << 20)
    assert failure.value.status == 404
    with pytest.raises(Rejected):
        await whatsapp.download_media(over, 1 << 20, media_id=media_id)

    served.twin.settings.limits = Limits()
    assert await whatsapp.download_media(over, 1 << 20, media_id=media_id) == VOICE
    assert await whatsapp.download_media(None, 1 << 20, media_id=media_id) == VOICE


async def test_an_address_that_was_changed_leads_nowhere(whatsapp: WhatsApp) -> None:
    url = (await whatsapp.describe_media(await uploaded(whatsapp))).url
    other = await uploaded(whatsapp, b"OggS other")
    forged = url.replace(url.split("mid=")[1].split("&")[0], other)
    with pytest.raises(Rejected):
        await whatsapp.download_media(forged, 1 << 20)


async def test_a_download_needs_the_token(whatsapp: WhatsApp, http: Http, served: RunningTwin) -> None:
    url = (await whatsapp.describe_media(await uploaded(whatsapp))).url
    stranger = WhatsApp(http, served.url, "v25.0", "another", "310000000000001")
    with pytest.raises(GraphRejected) as failure:
        await stranger.download_media(url, 1 << 20)
    assert failure.value.reason is Reason.AUTH


async def test_a_file_of_another_number_is_not_there(whatsapp: WhatsApp, http: Http, served: RunningTwin) -> None:
    media_id = await uploaded(whatsapp)
    other = WhatsApp(http, served.url, "v25.0", served.twin.settings.token, "310000000000002")
    with pytest.raises(GraphRejected) as failure:
        await other.describe_media(media_id)
    assert failure.value.code == 100


async def test_more_than_the_limit_is_refused_by_what_is_announced_and_by_what_comes(whatsapp: WhatsApp) -> None:
    media_id = await uploaded(whatsapp)
    with pytest.raises(TooLarge) as failure:
        await whatsapp.download_media(None, len(VOICE) - 1, media_id=media_id)
    assert failure.value.size == len(VOICE)
    url = (await whatsapp.describe_media(media_id)).url
    with pytest.raises(TooLarge):
        await whatsapp.download_media(url, len(VOICE) - 1)


async def test_a_file_that_is_larger_than_we_read_is_named_as_such(
    whatsapp: WhatsApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, media_id = (await whatsapp.describe_media(await uploaded(whatsapp))).url, await uploaded(whatsapp)
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", 100)
    monkeypatch.setattr("lumi.integrations.whatsapp.media_calls.MAX_ANSWER_BYTES", 100)
    with pytest.raises(Unavailable):
        await whatsapp.download_media(url, 1 << 20)
    monkeypatch.setattr(answers, "MAX_ANSWER_BYTES", 1000)
    monkeypatch.setattr("lumi.integrations.whatsapp.media_calls.MAX_ANSWER_BYTES", 1000)
    with pytest.raises(TooLarge) as failure:
        await whatsapp.download_media(url, 1 << 20, media_id=media_id)
    assert failure.value.limit == 1000


async def test_a_damaged_file_is_no_file(whatsapp: WhatsApp, served: RunningTwin) -> None:
    media_id = await uploaded(whatsapp)
    info = await whatsapp.describe_media(media_id)
    served.twin.faults = Faults(damaged_files=1)
    with pytest.raises(Unavailable):
        await whatsapp.download_media(info.url, 1 << 20, info.sha256)
    with pytest.raises(Unavailable):
        await whatsapp.download_media(info.url, 1 << 20, info.sha256, media_id=media_id)
    served.twin.faults = Faults()
    assert await whatsapp.download_media(info.url, 1 << 20, info.sha256) == VOICE


@pytest.mark.parametrize("sha256", [None, "", "q83vEjRWeJA=", "z" * 64, "not a digest"])
async def test_a_digest_that_is_none_checks_nothing(whatsapp: WhatsApp, sha256: str | None) -> None:
    info = await whatsapp.describe_media(await uploaded(whatsapp))
    assert digest_of(sha256) is None
    assert await whatsapp.download_media(info.url, 1 << 20, sha256) == VOICE


def test_a_digest_is_hex_or_base64() -> None:
    digest = hashlib.sha256(VOICE).digest()
    assert digest_of(digest.hex()) == digest_of(base64.b64encode(digest).decode()) == digest


async def test_a_deleted_file_is_gone(whatsapp: WhatsApp) -> None:
    media_id = await uploaded(whatsapp)
    await whatsapp.delete_media(media_id)
    for call in (whatsapp.describe_media, whatsapp.delete_media):
        with pytest.raises(GraphRejected):
            await call(media_id)


async def test_a_redirect_is_not_followed(http: Http, webhook: Webhook) -> None:
    async def elsewhere(_request: web.Request) -> web.Response:
        return web.Response(status=302, headers={"Location": webhook.url})

    async with serving(elsewhere) as base:
        with pytest.raises(Rejected) as failure:
            await WhatsApp(http, base, "v25.0", "a-token", "1").download_media(f"{base}/file", 1 << 20)
    assert (failure.value.status, webhook.bodies) == (302, [])


@pytest.mark.parametrize("media_id", ["", "../messages", "1?x=1", "a/b", ".."])
async def test_an_id_that_would_change_the_address_never_leaves(whatsapp: WhatsApp, media_id: str) -> None:
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.describe_media(media_id)
    assert failure.value.status == 0


async def test_without_an_address_and_an_id_there_is_nothing_to_fetch(whatsapp: WhatsApp) -> None:
    with pytest.raises(GraphRejected):
        await whatsapp.download_media(None, 1 << 20)


@pytest.mark.parametrize(
    "url",
    [
        "https://lookaside.fbsbx.com/whatsapp_business/attachments/?mid=1&ext=2",
        "https://LOOKASIDE.FBSBX.COM/a",
        "https://scontent.xx.fbcdn.net/v/a.jpg",
        "https://mmg.whatsapp.net/d/f/a.enc",
        "https://graph.facebook.com/v25.0/1",
        "https://lookaside.fbsbx.com:443/a",
        "http://127.0.0.1:8088/whatsapp_business/attachments/?mid=1",
    ],
)
def test_the_token_goes_to_meta_and_to_the_configured_server(url: str) -> None:
    assert may_fetch(url, "http://127.0.0.1:8088/salon")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "lookaside.fbsbx.com/a",
        "http://lookaside.fbsbx.com/a",
        "https://lookaside.fbsbx.com:8443/a",
        "https://fbsbx.com.evil.example/a",
        "https://evilfbsbx.com/a",
        "https://evil.example/.fbsbx.com",
        "https://evil.example?.fbsbx.com",
        "https://evil.example#.fbsbx.com",
        "https://lookaside.fbsbx.com@evil.example/a",
        "https://evil.example\\@lookaside.fbsbx.com/a",
        "https://lookaside.fbsbx.com\\.evil.example/a",
        "https://user:word@lookaside.fbsbx.com/a",
        "https://lookaside.fbsbx.com./a",
        "https://lookaside.fbsbx.com\n/a",
        "https://lookaside.fbsbx.com/a b",
        "https://lookaside。fbsbx.com/a",
        "https://graph.facebook.com.evil.example/a",
        "https://sub.graph.facebook.com/a",
        "ftp://lookaside.fbsbx.com/a",
        "file:///etc/passwd",
        "https://127.0.0.1:8088/a",
        "http://127.0.0.1:8089/a",
        "http://localhost:8088/a",
        "http://169.254.169.254/latest",
        "http://[::1]:8088/a",
    ],
)
async def test_the_token_goes_nowhere_else(whatsapp: WhatsApp, url: str) -> None:
    assert not may_fetch(url, "http://127.0.0.1:8088")
    with pytest.raises(GraphRejected) as failure:
        await whatsapp.download_media(url, 1 << 20)
    assert (failure.value.status, failure.value.code) == (0, 131052)
