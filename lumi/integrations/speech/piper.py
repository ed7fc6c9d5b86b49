"""Text to speech by piper: natural voices of single languages, from files in a folder.

Piper is licensed under the GPL. It is a program of its own here, and no library of ours."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import orjson

from lumi.core.http import Unavailable
from lumi.core.outside_json import as_object
from lumi.integrations.speech.child import Limits, Program, run
from lumi.integrations.speech.errors import ProgramMissing
from lumi.integrations.speech.transcoding import FFMPEG, to_voice_note, wav
from lumi.integrations.speech.voice import EVERY_LANGUAGE, speakable, voice_for

PIPER = Program("piper", "`pip install piper-tts`, in an environment of its own or in Lumi's")
_MODEL = ".onnx"
_USUAL_HERTZ = 22_050
_LIMITS = Limits(output_bytes=64 << 20, seconds=60.0, cpu_seconds=120, memory_bytes=4 << 30)


class PiperVoice:
    """Speaks through the program `piper`, with voices such as `fr_FR-siwis-medium` of a folder."""

    def __init__(
        self, folder: Path | None, voices: Mapping[str, str] | None = None, *, program: Program = PIPER
    ) -> None:
        """`voices` are by language, before those that the names of the files tell."""
        self._program = program
        self._folder = folder
        self._voices = voices or {}

    def missing(self) -> str | None:
        """The program or the voices that are not there."""
        if lack := self._program.missing() or FFMPEG.missing():
            return lack
        try:
            files = self._files()
        except ProgramMissing as missing:
            return missing.details
        lost = sorted(each for each in self._voices.values() if each not in files)
        return f"there is no {lost[0]}{_MODEL} in {self._folder}" if lost else None

    async def say(self, text: str, lang: str) -> bytes:
        """The text, spoken."""
        lines = "\n".join(line for each in speakable(text).splitlines() if (line := each.strip()))
        files = self._files()
        name = voice_for(lang, self._voices, _by_language(list(files)))
        model = files.get(name)
        if model is None:
            raise ProgramMissing(f"the voice {name}", f"there is no {name}{_MODEL} in {self._folder}")
        ended = await run(self._program, ["--model", str(model), "--output-raw"], lines.encode(), _LIMITS)
        if ended.code or ended.overflowed or not ended.output:
            raise Unavailable(f"piper ended with {ended.code}")
        return await to_voice_note(wav(ended.output, _hertz(model)))

    def _files(self) -> dict[str, Path]:
        """The models of the folder by name; ProgramMissing when there is none."""
        found = sorted(self._folder.absolute().glob(f"*{_MODEL}")) if self._folder else []
        if not found:
            advice = f"PIPER_VOICES_DIR has to name a folder with NAME{_MODEL} and NAME{_MODEL}.json of each voice"
            raise ProgramMissing("a voice of piper", advice)
        return {each.name.removesuffix(_MODEL): each for each in found}


def _by_language(names: Sequence[str]) -> dict[str, str]:
    """The first voice by name of each language and country: `fr_FR-siwis-medium` speaks `fr-fr` and `fr`."""
    voices: dict[str, str] = {}
    for name in sorted(names):
        tag = name.partition("-")[0].lower().replace("_", "-")
        for key in (tag, tag.partition("-")[0]):
            if key != EVERY_LANGUAGE:
                voices.setdefault(key, name)
    return voices


def _hertz(model: Path) -> int:
    try:
        told = as_object(orjson.loads(model.with_name(f"{model.name}.json").read_bytes()))
    except (OSError, orjson.JSONDecodeError) as error:
        raise ProgramMissing(
            "a voice of piper", f"{model.name}.json cannot be read ({type(error).__name__})"
        ) from error
    rate = as_object(told.get("audio")).get("sample_rate")
    return rate if isinstance(rate, int) else _USUAL_HERTZ
