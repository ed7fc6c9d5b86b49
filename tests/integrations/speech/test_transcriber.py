"""When what a recogniser heard counts as said by somebody."""

import pytest

from lumi.integrations.speech.segments import segments_in
from lumi.integrations.speech.transcriber import Segment, Silence, Transcript, has_words, judged


def segment(
    text: str,
    seconds: float = 2.0,
    *,
    avg_logprob: float | None = -0.2,
    no_speech_prob: float | None = 0.01,
    compression_ratio: float | None = 1.1,
) -> Segment:
    return Segment(text, seconds, avg_logprob, no_speech_prob, compression_ratio)


def test_the_words_of_all_stretches_are_one_text() -> None:
    heard = judged([segment(" Bonjour,"), segment(" à demain. ")], "fr", 4.0)
    assert heard == Transcript("Bonjour, à demain.", "fr", 0.819, 4.0)


@pytest.mark.parametrize(
    "doubtful",
    [
        segment("Thanks for watching!", no_speech_prob=0.9),
        segment("Thanks for watching!", avg_logprob=-1.3),
        segment("no no no no no no no no", compression_ratio=4.0),
        segment(" ... "),
        segment("[BLANK_AUDIO]"),
        segment("(soft music)"),
        segment(""),
    ],
)
def test_what_nobody_said_is_silence(doubtful: Segment) -> None:
    assert judged([doubtful], "en", 3.0) == Silence(3.0)


def test_thanks_for_watching_at_the_end_is_left_out() -> None:
    heard = judged([segment("À mardi."), segment("Thanks for watching!", no_speech_prob=0.8)], "fr", 9.0)
    assert isinstance(heard, Transcript)
    assert heard.text == "À mardi."


def test_nothing_at_all_is_silence() -> None:
    assert judged([], None, 1.5) == Silence(1.5)


def test_a_long_stretch_counts_for_more_than_a_short_one() -> None:
    sure, unsure = segment("a", 9.0, avg_logprob=-0.1), segment("b", 1.0, avg_logprob=-0.9)
    heard = judged([sure, unsure], None, 10.0)
    assert isinstance(heard, Transcript)
    assert heard.confidence == pytest.approx(0.835, abs=0.001)


def test_a_recogniser_that_does_not_say_how_sure_it_is_is_believed() -> None:
    heard = judged([segment("Hola", avg_logprob=None, no_speech_prob=None, compression_ratio=None)], "es", 1.0)
    assert heard == Transcript("Hola", "es", None, 1.0)


@pytest.mark.parametrize(("text", "said"), [("18 h", True), ("مرحبا", True), ("♪", False), ("*noise* [x]", False)])
def test_words_have_letters_or_digits(text: str, said: bool) -> None:
    assert has_words(text) is said


@pytest.mark.parametrize("told", [None, 7, {}, [None, 3, "x"], [{"text": 5, "avg_logprob": "sure", "start": True}]])
def test_segments_in_another_form_count_as_not_told(told: object) -> None:
    for each in segments_in({"segments": told}):
        assert each == Segment("", 0.0, None, None, None)
