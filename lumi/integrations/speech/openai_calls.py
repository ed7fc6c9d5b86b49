"""Calls to a server of OpenAI's shape: where it is, how it is asked, and that it answers to our key."""

from collections.abc import Mapping
from enum import StrEnum

from pydantic import SecretStr

from lumi.core.http import Http, OutsideFailure, Response
from lumi.core.http.answers import Body
from lumi.core.outside_json import as_list, as_object
from lumi.integrations.speech.errors import Reason, SpeechRejected, translated


class TextForm(StrEnum):
    """What a recogniser answers."""

    PLAIN = "json"
    """The text alone."""
    VERBOSE = "verbose_json"
    """With the language, and how sure it is of each stretch."""
    BARE = "text"


class SoundForm(StrEnum):
    """What a speaker answers. Every server has some of them."""

    OPUS = "opus"
    WAV = "wav"
    MP3 = "mp3"
    AAC = "aac"
    FLAC = "flac"
    PCM = "pcm"


class OpenAiServer:
    """One server, under one key, for one kind of work. Every call is a single attempt."""

    def __init__(self, http: Http, target: str, base: str, key: SecretStr | str | None) -> None:
        """`base` is the address with or without `/v1`; servers of one's own often want no key."""
        self._http = http
        self._target = target
        self._base = base.rstrip("/").removesuffix("/v1").rstrip("/")
        plain = key.get_secret_value() if isinstance(key, SecretStr) else key
        self._headers = {"Authorization": f"Bearer {plain}"} if plain else {}

    def __repr__(self) -> str:
        return f"OpenAiServer(target={self._target!r})"

    async def post(
        self, path: str, *, json: object = None, form: tuple[Body, str] | None = None, timeout: float
    ) -> Response:
        """Post JSON, or a form with its content type, to `/v1/…`; raises as every part of speech does."""
        headers: Mapping[str, str] = self._headers
        if form is not None:
            headers = {**headers, "Content-Type": form[1]}
        try:
            return await self._http.request(
                self._target, "POST", f"{self._base}/v1/{path}",
                json=json, data=form[0] if form else None, headers=headers, timeout=timeout, scope=self._base,
            )  # fmt: skip
        except OutsideFailure as failure:
            in_our_terms = translated(failure)
            if in_our_terms is failure:
                raise
            raise in_our_terms from failure

    async def has_model(self, name: str) -> bool:
        """Whether the server lists this model; it is asked for its list, which proves address and key."""
        try:
            answer = await self._http.request(
                self._target, "GET", f"{self._base}/v1/models", headers=self._headers, repeatable=True, scope=self._base
            )
        except OutsideFailure as failure:
            in_our_terms = translated(failure)
            if isinstance(in_our_terms, SpeechRejected) and in_our_terms.reason is Reason.MODEL:
                return False  # it keeps no list, and answers all the same
            raise in_our_terms from failure
        try:
            listed = as_list(as_object(answer.json()).get("data"))
        except ValueError:
            return False
        return any(as_object(each).get("id") == name for each in listed)
