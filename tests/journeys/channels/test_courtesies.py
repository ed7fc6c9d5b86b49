"""What a person sees of our reading, at their provider."""

from __future__ import annotations

import pytest

from lumi.core.metrics import REGISTRY
from lumi.modules.channels.public import Attention, Channel, Courtesies
from lumi.modules.channels.services.courtesies import MOST_WAITING
from tests.journeys.channels.conftest import Dialogue
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("worker")
# Bots of Telegram do not say what they have read.
SAYS_WHAT_IT_READ = (Channel.WHATSAPP, Channel.INSTAGRAM, Channel.MESSENGER)
CHATS = pytest.mark.parametrize("dialogue", [*SAYS_WHAT_IT_READ, Channel.TELEGRAM], indirect=True, ids=str)


@CHATS
async def test_whoever_is_answered_sees_that_they_were_read(dialogue: Dialogue) -> None:
    written = await dialogue.provider.write("Merci beaucoup !")

    await dialogue.hears(1)

    if dialogue.provider.channel in SAYS_WHAT_IT_READ:
        await until(lambda: _is_read(dialogue, written))


@CHATS
async def test_whoever_has_begun_a_sentence_sees_that_somebody_listens(dialogue: Dialogue) -> None:
    await dialogue.provider.write("Une table pour")

    await until(lambda: _is_typing(dialogue))


@CHATS
async def test_a_provider_that_shows_nothing_delays_no_answer(dialogue: Dialogue) -> None:
    """Nor is it asked more than a few times at once: what is too much is left out and counted."""
    courtesies = Courtesies(dialogue.house.sender)
    channel = dialogue.provider.channel
    before = _left_out(channel)

    for n in range(MOST_WAITING + 5):
        courtesies.show(
            channel, tenant_id=dialogue.tenant.id, account_id=dialogue.account_id,
            attention=Attention("nobody:1", f"m{n}", typing=True),
        )  # fmt: skip

    assert _left_out(channel) == before + 5


async def test_surfaces_of_our_own_show_it_themselves(dialogue: Dialogue) -> None:
    assert not dialogue.house.sender.can_attend(Channel.WEB)
    assert dialogue.house.sender.can_attend(dialogue.provider.channel) == (
        not dialogue.is_ours and dialogue.provider.channel not in {Channel.GMAIL, Channel.MAILBOX}
    )


async def _is_read(dialogue: Dialogue, message_id: str) -> bool:
    chat = await dialogue.provider.ask("GET", f"messages?peer={dialogue.provider.person}")
    states: dict[str, str] = chat["states"]  # type: ignore[assignment]
    return states.get(message_id) == "read"


async def _is_typing(dialogue: Dialogue) -> bool:
    chat = await dialogue.provider.ask("GET", f"messages?peer={dialogue.provider.person}")
    return bool(chat["typing"])


def _left_out(channel: Channel) -> float:
    labels = {"channel": channel.value, "outcome": "left_out"}
    return REGISTRY.get_sample_value("lumi_courtesies_total", labels) or 0.0
