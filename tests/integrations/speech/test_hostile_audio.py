"""Whatever is sent as a recording: nothing hangs, nothing is read but the recording, and it costs little."""

from __future__ import annotations

import random
import struct
import subprocess
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.integrations.speech.errors import Reason, SpeechRejected
from lumi.integrations.speech.transcoding import duration_seconds, to_voice_note, to_wav_16k, wav
from tests.integrations.listening import serving
from tests.integrations.speech.sounds import KINDS, encoded, loudness, needs_ffmpeg, read_wav, tone

pytestmark = needs_ffmpeg

T = TypeVar("T")
SHARED_MEMORY = Path("/dev/shm")
SIGNS = {
    "ogg": b"OggS",
    "mp3": b"ID3\x04\x00\x00\x00\x00\x00\x00",
    "frames": b"\xff\xfb\x90\x64",
    "aac": b"\xff\xf1\x50\x80",
    "wav": b"RIFF\xff\xff\xff\x7fWAVE",
    "webm": b"\x1a\x45\xdf\xa3",
    "flac": b"fLaC",
    "amr": b"#!AMR\n",
    "m4a": b"\x00\x00\x00\x18ftypM4A ",
    "caf": b"caff",
}


class Trap:
    """A web server nobody may call, and a loud file nobody may open."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.url = ""
        self.calls = 0

    async def handle(self, _request: web.Request) -> web.Response:
        self.calls += 1
        return web.Response(body=self.file.read_bytes())

    def playlists(self) -> dict[str, str]:
        """What leads players to other files."""
        return {
            "hls": f"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{self.file}\n#EXTINF:9,\n{self.url}\n"
            f"#EXTINF:9,\nconcat:{self.url}|file://{self.file}\n#EXT-X-ENDLIST\n",
            "concat": f"ffconcat version 1.0\nfile 'file:{self.file}'\nfile '{self.url}'\n",
            "m3u": f"{self.file}\n{self.url}\n",
            "sdp": f"v=0\nc=IN IP4 127.0.0.1\nm=audio {self.url.rpartition(':')[2].partition('/')[0]} RTP/AVP 0\n",
            "dash": f"<MPD><Period><AdaptationSet><Representation><BaseURL>{self.url}</BaseURL></Representation>"
            "</AdaptationSet></Period></MPD>",
            "asx": f"<ASX><ENTRY><REF HREF='{self.url}'/></ENTRY></ASX>",
        }


@pytest.fixture
async def trap(tmp_path: Path) -> AsyncIterator[Trap]:
    file = tmp_path / "secret.wav"
    file.write_bytes(tone(2.0, loudness=20_000))
    trap = Trap(file)
    async with serving(trap.handle) as url:
        trap.url = f"{url}/secret.wav"
        yield trap


async def refused_or(converted: Awaitable[T]) -> T | None:
    """What came of it, or None when it was refused as no audio; nothing else may happen."""
    try:
        return await converted
    except SpeechRejected as refusal:
        if refusal.reason is not Reason.NOT_AUDIO:
            raise
        return None


async def heard(audio: bytes) -> float:
    """How loud it is; 0 when it is refused as no audio."""
    made = await refused_or(to_wav_16k(audio))
    return loudness(made) if made is not None else 0.0


@pytest.mark.parametrize(
    "body", [b"", b"\x00", b"hello", b"<html></html>", b"%PDF-1.7", b"\x89PNG\r\n\x1a\n" * 99, bytes(100_000)]
)
async def test_what_begins_like_no_audio_never_reaches_a_program(body: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")  # any program would be missing
    for convert in (to_wav_16k, to_voice_note, duration_seconds):
        with pytest.raises(SpeechRejected) as refusal:
            await convert(body)
        assert refusal.value.reason is Reason.NOT_AUDIO


@pytest.mark.parametrize("kind", ["hls", "concat", "m3u", "sdp", "dash", "asx"])
async def test_a_playlist_leads_nowhere(trap: Trap, kind: str) -> None:
    assert await refused_or(to_wav_16k(trap.playlists()[kind].encode())) is None
    assert trap.calls == 0


@pytest.mark.parametrize("sign", SIGNS)
async def test_a_playlist_in_the_clothes_of_audio_leads_nowhere(trap: Trap, sign: str) -> None:
    for kind in ("hls", "concat"):
        playlist = trap.playlists()[kind]
        made = await refused_or(duration_seconds(SIGNS[sign] + b"\n" + playlist.encode()))
        # The letters themselves may be taken for a broken frame or two; the trap sounds for two seconds.
        assert (made or 0.0) < 0.6
    assert trap.calls == 0


def test_the_trap_would_catch_a_careless_player(tmp_path: Path) -> None:
    trap = Trap(tmp_path / "secret.wav")
    trap.file.write_bytes(tone(2.0, loudness=20_000))
    playlist = trap.playlists()["concat"].encode().rpartition(b"file ")[0]
    careless = ["-safe", "0", "-f", "concat", "-protocol_whitelist", "file,pipe", "-i", "pipe:0"]
    assert len(played(careless, playlist)) > 60_000


@pytest.fixture
def neighbour() -> Iterator[Path]:
    """A loud file that ffmpeg finds from where its input is, `/dev/stdin`, when it follows references."""
    if not SHARED_MEMORY.is_dir():
        pytest.skip("there is no /dev/shm")
    with tempfile.NamedTemporaryFile(dir=SHARED_MEMORY, suffix=".wav") as file:
        file.write(tone(2.0, loudness=20_000))
        file.flush()
        yield Path(file.name)


async def test_a_film_that_refers_to_another_file_does_not_open_it(neighbour: Path) -> None:
    film = referring(encoded(tone(2.0, loudness=0), "-c:a pcm_s16le -f mov"), neighbour)
    assert await heard(film) < 100


def test_the_reference_would_catch_a_careless_player(neighbour: Path, tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    film.write_bytes(referring(encoded(tone(2.0, loudness=0), "-c:a pcm_s16le -f mov"), neighbour))
    careless = ["-enable_drefs", "1", "-f", "mov", "-i", "file:/dev/stdin"]
    assert loudness(wav(played(careless, film), 16_000)) > 5_000


async def test_ten_hours_of_silence_end_after_a_quarter_of_an_hour() -> None:
    frame = encoded(tone(1.0, loudness=0), "-c:a aac -ar 8000 -f adts")
    length = (frame[3] & 3) << 11 | frame[4] << 3 | frame[5] >> 5
    last = frame[-length:] if frame[-length:][:2] == frame[:2] else frame[:length]
    hours = last * (10 * 3600 * 8000 // 1024)
    assert len(hours) < 25 << 20
    began = time.monotonic()
    for convert in (duration_seconds, to_wav_16k, to_voice_note):
        with pytest.raises(SpeechRejected) as refusal:
            await convert(hours)
        assert refusal.value.reason is Reason.TOO_LONG
    assert time.monotonic() - began < 20


async def test_a_length_that_is_a_lie_is_not_believed() -> None:
    sound = bytearray(tone(1.0))
    sound[40:44] = struct.pack("<I", 0xFFFFFFF0)
    sound[4:8] = struct.pack("<I", 0xFFFFFFF0)
    assert await duration_seconds(bytes(sound)) == pytest.approx(1.0, abs=0.01)
    assert len(read_wav(await to_wav_16k(bytes(sound)))[2]) == pytest.approx(16_000, abs=200)


@pytest.mark.parametrize("kind", KINDS)
async def test_what_breaks_off_is_heard_as_far_as_it_goes_or_refused(kind: str) -> None:
    whole = encoded(tone(1.0), kind)
    for share in (0.02, 0.6):
        seconds = await refused_or(duration_seconds(whole[: int(len(whole) * share)]))
        assert seconds is None or 0 < seconds <= 1.2


@settings(max_examples=10, deadline=None)
@given(sign=st.sampled_from(sorted(SIGNS)), noise=st.binary(max_size=400), seed=st.integers(0, 2**32))
async def test_noise_is_refused_or_short(sign: str, noise: bytes, seed: int) -> None:
    seconds = await refused_or(duration_seconds(SIGNS[sign] + noise + random.Random(seed).randbytes(2_000)))
    assert seconds is None or seconds < 10


def played(options: list[str], given: bytes | Path) -> bytes:
    """The samples ffmpeg hears with options that we never use."""
    command = ["ffmpeg", "-v", "error", *options, "-f", "s16le", "pipe:1"]
    if isinstance(given, bytes):
        return subprocess.run(command, input=given, capture_output=True, check=True, timeout=30).stdout
    with given.open("rb") as file:
        return subprocess.run(command, stdin=file, capture_output=True, check=True, timeout=30).stdout


def referring(film: bytes, target: Path) -> bytes:
    """A QuickTime film whose samples are said to be in another file, by an alias as old Macintoshes wrote it."""
    path = str(target).encode()
    path += b"\x00" * (len(path) % 2)
    alias = bytes(10) + b"\x00" + bytes(27) + bytes(12) + b"\x00" + bytes(63) + bytes(16)
    alias += struct.pack(">hh", 1, 2) + bytes(16) + struct.pack(">hH", 2, len(path)) + path + struct.pack(">hH", -1, 0)
    alias += bytes(64)
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    reference = struct.pack(">I4sII", 16 + len(entry), b"dref", 0, 1) + entry
    return replaced(film, (b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"), reference)


def replaced(atoms: bytes, path: Sequence[bytes], new: bytes) -> bytes:
    """These atoms with the one at this path replaced, and the sizes around it made right."""
    made, at = b"", 0
    while at + 8 <= len(atoms):
        size, name = struct.unpack(">I4s", atoms[at : at + 8])
        body = atoms[at + 8 : at + size]
        if name == path[0]:
            inner = replaced(body, path[1:], new) if len(path) > 1 else None
            made += new if inner is None else struct.pack(">I4s", 8 + len(inner), name) + inner
        else:
            made += atoms[at : at + size]
        at += size
    return made
