"""The one file of a multipart/form-data body, taken as it arrives: nothing is kept, and a slow sender holds nothing."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header

from lumi.core.errors import Malformed

_MOST_PARTS = 20
# Of parts that are not the file: words beside it, and what nobody reads.
_MOST_BESIDE_BYTES = 1 << 16


class NoFile(Malformed):
    """The body has to be multipart/form-data with one file in the field `file`."""

    code = "no_file"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A file on its way: what its sender calls it and says it is, and its bytes, to be read to their end.

    `fields` are the words of the form that came before it.
    """

    name: str
    declared: str | None
    chunks: AsyncIterator[bytes] = field(repr=False)
    fields: Mapping[str, str] = field(default_factory=dict[str, str], repr=False)


async def incoming(content_type: str, stream: AsyncIterator[bytes], *, name: str = "file") -> Incoming:
    """The file in this field of a body. Raises NoFile, and Malformed when the body is not well formed.

    `chunks` raises the same where the body breaks off, or has a second file.
    """
    kind, options = parse_options_header(content_type.encode("latin-1", "replace"))
    boundary = options.get(b"boundary")
    if kind != b"multipart/form-data" or not boundary:
        raise NoFile
    reading = _Reading(boundary, name)
    async for chunk in stream:
        reading.feed(chunk)
        if reading.found is not None:
            break
    if reading.found is None:
        raise NoFile
    return Incoming(reading.found[0], reading.found[1], _rest(reading, stream), reading.fields())


async def _rest(reading: _Reading, stream: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while reading.ready:
        yield reading.ready.popleft()
    async for chunk in stream:
        reading.feed(chunk)
        while reading.ready:
            yield reading.ready.popleft()
    if not reading.ended:
        raise Malformed("The body breaks off.")


class _Reading:
    """Where the parser is."""

    def __init__(self, boundary: bytes, name: str) -> None:
        self.found: tuple[str, str | None] | None = None
        self.ready: deque[bytes] = deque()
        self.ended = False
        self._name = name.encode()
        self._headers: dict[bytes, bytes] = {}
        self._header, self._value = b"", b""
        self._is_file = False
        self._fields: dict[bytes, bytearray] = {}
        self._field: bytearray | None = None
        self._parts = self._beside = 0
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_part_begin": self._part,
                    "on_header_field": self._on_header,
                    "on_header_value": self._on_value,
                    "on_header_end": self._header_ends,
                    "on_headers_finished": self._headers_end,
                    "on_part_data": self._data,
                    "on_end": self._end,
                },
            )
        except FormParserError:
            raise NoFile from None

    def feed(self, chunk: bytes) -> None:
        if self.ended:
            return  # what follows the end is nobody's
        try:
            self._parser.write(chunk)
        except FormParserError:
            raise Malformed("The body is not well formed.") from None

    def fields(self) -> Mapping[str, str]:
        """The words that have come so far."""
        return {_text(name): _text(bytes(words)) for name, words in self._fields.items()}

    def _part(self) -> None:
        self._parts += 1
        if self._parts > _MOST_PARTS:
            raise Malformed("The body has too many parts.")
        self._headers, self._is_file, self._field = {}, False, None

    def _on_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _on_value(self, data: bytes, start: int, end: int) -> None:
        self._value += data[start:end]

    def _header_ends(self) -> None:
        self._headers[self._header.lower()] = self._value
        self._header, self._value = b"", b""

    def _headers_end(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition", b""))
        if options.get(b"name") != self._name or b"filename" not in options:
            if self.found is None and b"filename" not in options:
                self._field = self._fields.setdefault(options.get(b"name", b""), bytearray())
            return
        if self.found is not None:
            raise Malformed("The body has more than one file.")
        self._is_file = True
        declared = self._headers.get(b"content-type")
        self.found = (_text(options[b"filename"]), _text(declared) if declared is not None else None)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if self._is_file:
            self.ready.append(data[start:end])
            return
        self._beside += end - start
        if self._beside > _MOST_BESIDE_BYTES:
            raise Malformed("The body has more beside the file than is read.")
        if self._field is not None:
            self._field += data[start:end]

    def _end(self) -> None:
        self.ended = True


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return raw.decode("latin-1")
