"""Audio becomes what recognisers hear and what messengers play."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lumi.integrations.speech.errors import ProgramMissing, Reason, SpeechRejected
from lumi.integrations.speech.transcoding import (
    LIMITS,
    VOICE_NOTE_BYTES,
    bits_a_second,
    duration_seconds,
    to_voice_note,
    to_wav_16k,
)
from tests.integrations.speech.sounds import KINDS, encoded, loudness, needs_ffmpeg, read_wav, stream_of, tone

pytestmark = needs_ffmpeg


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_becomes_a_voice_note_and_wav_of_16_khz(kind: str) -> None:
    note = await to_voice_note(encoded(tone(1.0), kind))
    assert note.startswith(b"OggS")
    assert stream_of(note) == {"codec_name": "opus", "channels": "1", "sample_rate": "48000"}
    for recording in (note, encoded(tone(1.0), kind)):
        made = await to_wav_16k(recording)
        channels, hertz, samples = read_wav(made)
        assert (channels, hertz) == (1, 16_000)
        assert len(samples) / hertz == pytest.approx(1.0, abs=0.1)
        assert loudness(made) > 2_000


async def test_two_channels_become_one() -> None:
    stereo = encoded(tone(0.5, hertz=44_100), "-ac 2 -f wav")
    assert read_wav(await to_wav_16k(stereo))[0] == 1
    assert stream_of(await to_voice_note(stereo))["channels"] == "1"


async def test_of_a_film_the_sound_is_heard() -> None:
    pictures = "-f lavfi -i color=c=blue:s=64x64:d=1 -map 0:a -map 1:v -c:v mpeg4 -c:a aac -shortest -f mp4"
    assert await duration_seconds(encoded(tone(1.0), pictures)) == pytest.approx(1.0, abs=0.15)


async def test_a_song_with_a_cover_is_heard_without_it() -> None:
    cover = (
        "-f lavfi -i color=c=red:s=16x16:d=1:r=1 -map 0:a -map 1:v -c:a libmp3lame -c:v png -frames:v 1 "
        "-disposition:v attached_pic -f mp3"
    )
    song = encoded(tone(1.0), cover)
    assert b"image/png" in song
    assert await duration_seconds(song) == pytest.approx(1.0, abs=0.15)


async def test_a_film_without_sound_is_no_audio() -> None:
    silent_film = "-f lavfi -i color=c=blue:s=64x64:d=1 -map 1:v -c:v mpeg4 -f mp4"
    with pytest.raises(SpeechRejected) as refusal:
        await duration_seconds(encoded(tone(0.1), silent_film))
    assert refusal.value.reason is Reason.NOT_AUDIO


async def test_nothing_of_who_recorded_it_or_where_is_passed_on() -> None:
    tagged = encoded(tone(0.5), "-c:a aac -metadata title=Secret-Title -metadata location=+48.85+2.35/ -f mp4")
    assert b"Secret-Title" in tagged
    note = await to_voice_note(tagged)
    assert b"Secret" not in note
    assert b"48.85" not in note


async def test_a_voice_note_of_two_minutes_can_be_played_at_once() -> None:
    note = await to_voice_note(encoded(tone(120, hertz=8_000), "wav"))
    assert len(note) <= VOICE_NOTE_BYTES
    assert await duration_seconds(note) == pytest.approx(120, abs=0.2)


async def test_two_and_a_half_minutes_of_noise_still_can() -> None:
    noise = encoded(tone(0.1), "-f lavfi -i anoisesrc=d=150:r=8000 -map 1:a -c:a pcm_s16le -f wav")
    note = await to_voice_note(noise)
    assert 0.6 * VOICE_NOTE_BYTES < len(note) <= VOICE_NOTE_BYTES


def test_the_bit_rate_falls_with_the_length_within_bounds() -> None:
    rates = [bits_a_second(seconds) for seconds in (0, 60, 120, 240, 480, 900)]
    assert rates[:2] == [32_000, 32_000]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] == 8_000


async def test_a_recording_of_just_the_longest_length_is_heard_and_one_more_second_is_not() -> None:
    limits = replace(LIMITS, audio_seconds=3)
    assert await duration_seconds(tone(3.0), limits) == 3.0
    for convert in (duration_seconds, to_wav_16k, to_voice_note):
        with pytest.raises(SpeechRejected) as refusal:
            await convert(tone(4.0), limits)
        assert refusal.value.reason is Reason.TOO_LONG


async def test_a_recording_that_is_too_large_is_refused_unread() -> None:
    limits = replace(LIMITS, input_bytes=1_000)
    with pytest.raises(SpeechRejected) as refusal:
        await to_wav_16k(tone(1.0), limits)
    assert refusal.value.reason is Reason.TOO_LARGE


async def test_without_ffmpeg_it_is_named_with_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ProgramMissing, match=r"ffmpeg is missing: `apt-get install ffmpeg`"):
        await to_wav_16k(tone(0.1))
