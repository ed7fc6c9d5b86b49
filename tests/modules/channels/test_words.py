"""Why a message did not leave or arrive is told in words, in every language, with the provider's own behind them."""

from __future__ import annotations

from uuid import uuid4

import pytest

from lumi.core.http import OutcomeUnknown, RateLimited, Rejected, Unavailable
from lumi.core.i18n import LANGUAGES
from lumi.modules.channels.rules import Verdict
from lumi.modules.channels.services import failures, words
from lumi.modules.channels.values.accounts import Account
from lumi.modules.channels.values.failures import called, noted, taken_apart
from lumi.modules.channels.values.kinds import Channel, DeliveryState, Failure

HELD, FAILED = DeliveryState.HELD, DeliveryState.FAILED


def said(error: str, state: DeliveryState = FAILED, lang: str = "en") -> str:
    return words.of_error(error, state, Channel.WHATSAPP, lang)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("verdict", sorted(set(Verdict) - {Verdict.GO, Verdict.WAIT}))
def test_whatever_the_gate_says_no_to_has_a_sentence_in_every_language(verdict: Verdict, lang: str) -> None:
    sentence = said(verdict.value, HELD, lang)

    assert verdict.value not in sentence
    assert sentence.endswith(".")
    assert lang == "en" or sentence != said(verdict.value, HELD, "en")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("why", list(Failure))
def test_whatever_a_provider_says_no_to_has_a_sentence_in_every_language(why: Failure, lang: str) -> None:
    sentence = said(noted(why), FAILED, lang)

    assert sentence.endswith(".")
    assert lang == "en" or sentence != said(noted(why), FAILED, "en")


def test_what_the_provider_said_stands_behind_our_sentence() -> None:
    told = said("recipient: 131026 Message undeliverable")

    assert told == "This guest cannot be reached on WhatsApp. It said: 131026 Message undeliverable"


def test_of_what_was_given_up_nobody_says_that_it_goes_on_by_itself() -> None:
    for why in (Failure.BUSY, Failure.UNREACHABLE):
        assert "by itself" in said(noted(why), DeliveryState.COMMITTED)
        assert "gave up" in said(noted(why), FAILED)


def test_what_an_older_lumi_wrote_down_is_still_told() -> None:
    assert said("131026 Message undeliverable") == "WhatsApp refused the message. It said: 131026 Message undeliverable"
    assert said("whatever", HELD) == "whatever"


def test_nobody_knows_is_all_there_is_to_say_of_an_unknown_outcome() -> None:
    assert said("whatsapp: ReadTimeout", DeliveryState.UNKNOWN).startswith("Nobody can tell whether it arrived")


@pytest.mark.parametrize("why", list(Failure))
def test_what_is_written_down_is_read_again(why: Failure) -> None:
    assert taken_apart(noted(why, "a: b")) == (why, "a: b")
    assert taken_apart(noted(why)) == (why, "")


@pytest.mark.parametrize("error", ["", "whatsapp: asked too often", "131026: x", "day_full"])
def test_what_begins_with_no_word_of_ours_is_the_providers(error: str) -> None:
    assert taken_apart(error) == (None, error)


def test_a_send_that_failed_is_written_down_by_whom_it_concerns() -> None:
    quoted = Rejected(400)
    quoted.said = "(#100) no such thing"

    assert failures.of_send(RateLimited(3)) == "busy"
    assert failures.of_send(Unavailable("ConnectError")) == "unreachable"
    assert failures.of_send(OutcomeUnknown("ReadTimeout")) == "unknown"
    assert failures.of_send(Rejected(401)) == "token"
    assert failures.of_send(Rejected(400)) == "other"
    assert failures.of_send(quoted) == "other: (#100) no such thing"


def test_what_is_written_down_of_a_send_never_holds_the_token() -> None:
    account = Account(uuid4(), uuid4(), Channel.WHATSAPP, "1", "One", "a token of ours", {})
    nameless = Rejected(400, reason="odd: a token of ours")

    assert failures.said_by(nameless, account) == "odd: …"
    assert failures.said_by(RateLimited(3), account) == ""


def test_an_integrations_word_that_nobody_knows_is_some_refusal() -> None:
    assert (called("window"), called("of_next_year")) == (Failure.WINDOW, Failure.OTHER)
