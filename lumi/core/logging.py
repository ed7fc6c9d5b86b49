"""The only source of loggers: one line an event, as JSON or for a console, on standard error.

    log = get_logger(__name__)
    log.info("document indexed", document_id=document.id, sections=12)

Each line carries the correlation ids of its context (request, tenant, thread, turn). Secrets are hidden and
what people write is left out of everything above debug level, whoever logs it: our code, uvicorn or Alembic.
Importing this costs next to nothing; structlog is loaded by the first line that is written.
"""

import importlib
import logging as stdlib
import sys
import traceback
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol, cast

from lumi.core import redaction
from lumi.core.log_file import LogFile

if TYPE_CHECKING:
    from structlog.typing import EventDict, FilteringBoundLogger, WrappedLogger

DEBUG, INFO, WARNING, ERROR = stdlib.DEBUG, stdlib.INFO, stdlib.WARNING, stdlib.ERROR
Format = Literal["json", "console"]

LEVELS = {"debug": DEBUG, "info": INFO, "warning": WARNING, "error": ERROR, "critical": stdlib.CRITICAL}
_correlation: ContextVar[Mapping[str, object]] = ContextVar("lumi_correlation", default={})  # noqa: B039 -- never changed in place


class LogSettings(Protocol):
    """The settings this reads."""

    log_level: str
    log_format: Format
    log_file: Path | None
    log_file_max_bytes: int
    log_file_kept: int


class _Output:
    """How lines leave this process; `configure` replaces what is in here, loggers find it at each line."""

    level = INFO
    format: Format = "console"
    file: LogFile | None = None
    lines: "FilteringBoundLogger | None" = None


class Logger:
    """Writes lines under a name. Facts are keyword arguments; the event is a short fixed phrase."""

    __slots__ = ("_facts", "name")

    def __init__(self, name: str, facts: Mapping[str, object] | None = None) -> None:
        self.name = name
        self._facts = facts or {}

    def bind(self, **facts: object) -> "Logger":
        """The same logger with these facts on every line."""
        return Logger(self.name, {**self._facts, **facts})

    def debug(self, event: str, /, **facts: object) -> None:
        """For whoever is looking for a mistake; the only level that may carry what people wrote."""
        if _Output.level <= DEBUG:
            _write("debug", self.name, event, {**self._facts, **facts})

    def info(self, event: str, /, **facts: object) -> None:
        """Something happened as it should."""
        if _Output.level <= INFO:
            _write("info", self.name, event, {**self._facts, **facts})

    def warning(self, event: str, /, **facts: object) -> None:
        """Something went wrong and was dealt with."""
        if _Output.level <= WARNING:
            _write("warning", self.name, event, {**self._facts, **facts})

    def error(self, event: str, /, **facts: object) -> None:
        """Something went wrong and somebody should look."""
        _write("error", self.name, event, {**self._facts, **facts})

    def exception(self, event: str, /, **facts: object) -> None:
        """An error with the traceback of the exception being handled."""
        _write("error", self.name, event, {"exc_info": True, **self._facts, **facts})


def get_logger(name: str) -> Logger:
    """The logger of a module; call it with `__name__`."""
    return Logger(name.removeprefix("lumi."))


@contextmanager
def correlation(**ids: object) -> Generator[None]:
    """Put these ids (request_id, tenant_id, thread_id, turn_id) on every line written inside."""
    token = _correlation.set({**_correlation.get(), **ids})
    try:
        yield
    finally:
        _correlation.reset(token)


def correlate(**ids: object) -> None:
    """Put these ids on every later line of the present task."""
    _correlation.set({**_correlation.get(), **ids})


def correlation_ids() -> Mapping[str, object]:
    """The ids of the present context."""
    return _correlation.get()


def configure(settings: LogSettings) -> None:
    """From now on write lines of this level and format, other libraries' included. May be called again."""
    _Output.level = LEVELS[settings.log_level.lower()]
    _Output.format = settings.log_format
    _Output.lines = None
    _Output.file, before = _file_of(settings), _Output.file
    if before is not None:
        before.close()
    root = stdlib.getLogger()
    for handler in [each for each in root.handlers if isinstance(each, _Forward)]:
        root.removeHandler(handler)
    root.addHandler(_Forward())
    # Others' debug lines know nothing of our rule about messages, so they are never wanted.
    root.setLevel(max(_Output.level, INFO))
    for name in ("uvicorn", "uvicorn.error", "uvicorn.asgi", "uvicorn.access"):
        theirs = stdlib.getLogger(name)
        theirs.handlers.clear()
        theirs.propagate = True
        theirs.setLevel(stdlib.NOTSET)
    # The access line is written by our own middleware.
    stdlib.getLogger("uvicorn.access").disabled = True


def _file_of(settings: LogSettings) -> LogFile | None:
    if settings.log_file is None:
        return None
    return LogFile(settings.log_file, most_bytes=settings.log_file_max_bytes, kept=settings.log_file_kept)


class _Forward(stdlib.Handler):
    """Hands the lines of the standard library's loggers to ours."""

    def emit(self, record: stdlib.LogRecord) -> None:
        level = "error" if record.levelno >= ERROR else "warning" if record.levelno >= WARNING else "info"
        if LEVELS[level] < _Output.level:
            return
        try:
            message = record.getMessage()
        except (TypeError, ValueError, KeyError):
            self.handleError(record)
            return
        facts: dict[str, object] = {"exc_info": record.exc_info} if record.exc_info else {}
        _write(level, record.name, message, facts)


def _write(level: str, name: str, event: str, facts: dict[str, object]) -> None:
    lines = _Output.lines or _open_lines()
    if "event" in facts:
        facts["event_"] = facts.pop("event")
    write: Callable[..., object] = getattr(lines, level)
    write(event, **{**_correlation.get(), **facts}, logger=name)


def _open_lines() -> "FilteringBoundLogger":
    _import_structlog()
    import structlog
    from structlog.dev import ConsoleRenderer, plain_traceback

    lines: FilteringBoundLogger = structlog.wrap_logger(
        _Places(),
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _exception_as_text,
            _redacted,
            _as_json
            if _Output.format == "json"
            else ConsoleRenderer(
                colors=sys.stderr.isatty() and _Output.file is None,
                timestamp_key="at",
                exception_formatter=plain_traceback,
                sort_keys=False,
            ),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(_Output.level),
        context_class=dict,
    )
    _Output.lines = lines
    return lines


def _import_structlog() -> None:
    """Load structlog without rich: 35 ms instead of 165, and rich would print the locals of every frame."""
    if "structlog" in sys.modules or "rich" in sys.modules:
        return
    sys.modules["rich"] = None  # pyright: ignore[reportArgumentType] -- Python's own way to make an import fail
    try:
        importlib.import_module("structlog")
    finally:
        del sys.modules["rich"]


class _Places:
    """Writes to the log file, if any, and to whatever standard error is now; a closed one fails no work."""

    def msg(self, line: str) -> None:
        if _Output.file is not None:
            _Output.file.write(line)
        try:
            sys.stderr.write(f"{line}\n")
        except (OSError, ValueError):
            return

    debug = info = warning = error = critical = msg


def _exception_as_text(_logger: "WrappedLogger", _method: str, facts: "EventDict") -> "EventDict":
    held: object = facts.pop("exc_info", None)
    if isinstance(held, tuple) or held is True:
        held = sys.exc_info()[1] if held is True else cast("tuple[object, ...]", held)[1]
    if isinstance(held, BaseException):
        facts["exception"] = "\n".join(_render(held, set()))
    return facts


def _render(failure: BaseException, seen: set[int]) -> Generator[str]:
    """The chain of an exception, cause first; of each only the first line of its message.

    Databases and validators put the offending data, which may be what somebody wrote, into the lines below.
    """
    seen.add(id(failure))
    before = failure.__cause__ or (None if failure.__suppress_context__ else failure.__context__)
    if before is not None and id(before) not in seen:
        yield from _render(before, seen)
    yield "".join(traceback.format_tb(failure.__traceback__)).rstrip()
    said = redaction.redact_argument(str(failure).partition("\n")[0])
    yield f"{type(failure).__qualname__}: {said}"
    if isinstance(failure, BaseExceptionGroup):
        for each in cast("BaseExceptionGroup[BaseException]", failure).exceptions:
            yield from _render(each, seen)


def _redacted(_logger: "WrappedLogger", method: str, facts: "EventDict") -> "EventDict":
    return redaction.redact(facts, with_messages=method == "debug")


def _as_json(_logger: "WrappedLogger", _method: str, facts: "EventDict") -> str:
    import orjson

    try:
        return orjson.dumps(facts, default=str).decode()
    except TypeError:
        # Half a surrogate pair, a number beyond 64 bits: rare, and the standard library takes it.
        import json

        return json.dumps(facts, default=str)
