"""Text to speech by espeak-ng: small, robotic, of every language, on any machine."""

from collections.abc import Mapping

from lumi.core.http import Unavailable
from lumi.integrations.speech.child import Limits, Program, run
from lumi.integrations.speech.transcoding import FFMPEG, to_voice_note
from lumi.integrations.speech.voice import speakable, voice_for

ESPEAK = Program("espeak-ng", "`apt-get install espeak-ng`, or your system's package of that name")
VOICES = {
    "fr": "fr-fr",
    "en": "en-gb",
    "es": "es",
    "de": "de",
    "it": "it",
    "pt": "pt",
    "pt-br": "pt-br",
    "ar": "ar",
    "ru": "ru",
}
_WORDS_A_MINUTE = 160
# It opens PulseAudio even when it plays nothing, and that a shared memory of 64 MB, which counts as a file.
_LIMITS = Limits(output_bytes=64 << 20, seconds=30.0, cpu_seconds=20, memory_bytes=512 << 20, file_bytes=128 << 20)


class EspeakVoice:
    """Speaks through the program `espeak-ng`."""

    def __init__(self, voices: Mapping[str, str] | None = None) -> None:
        """`voices` are by language, before those of VOICES; `*` is for every language."""
        self._voices = voices or {}

    def missing(self) -> str | None:
        """The program that is not installed."""
        return ESPEAK.missing() or FFMPEG.missing()

    async def say(self, text: str, lang: str) -> bytes:
        """The text, spoken."""
        # Two brackets would begin phonemes: a guest's or an editor's brackets are punctuation.
        plain = speakable(text).replace("[[", "[ [")
        voice = voice_for(lang, self._voices, VOICES)
        words = ["-v", voice, "-s", str(_WORDS_A_MINUTE), "-b", "1", "--stdin", "--stdout"]
        ended = await run(ESPEAK, words, plain.encode(), _LIMITS)
        if ended.code or ended.overflowed or not ended.output:
            raise Unavailable(f"espeak-ng ended with {ended.code}")
        return await to_voice_note(ended.output)
