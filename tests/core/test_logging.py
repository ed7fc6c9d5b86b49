"""A line says what happened, to whom it belongs, and never a secret or what somebody wrote."""

import asyncio
import json
import logging as stdlib
import subprocess
import sys
from typing import cast
from uuid import uuid4

import pytest

from lumi.core import logging
from lumi.core.logging import configure, correlate, correlation, get_logger
from tests.core.log_lines import Lines

Line = dict[str, object]
Capture = pytest.CaptureFixture[str]


pytestmark = pytest.mark.usefixtures("json_lines")


def lines(capture: Capture) -> list[Line]:
    return [cast("Line", json.loads(line)) for line in capture.readouterr().err.splitlines()]


def test_a_line_is_one_json_object_with_event_level_logger_and_time(capsys: Capture) -> None:
    get_logger("lumi.core.example").info("document indexed", sections=12)
    (line,) = lines(capsys)
    assert line.pop("at")
    assert line == {
        "event": "document indexed",
        "level": "info",
        "logger": "core.example",
        "sections": 12,
    }


def test_lines_below_the_level_are_not_written(capsys: Capture) -> None:
    log = get_logger("x")
    configure(Lines(log_level="warning"))
    log.debug("no")
    log.info("no")
    log.warning("yes")
    log.error("yes")
    assert [line["event"] for line in lines(capsys)] == ["yes", "yes"]


def test_bound_facts_are_on_every_line_of_that_logger_only(capsys: Capture) -> None:
    log = get_logger("x")
    log.bind(channel="whatsapp").info("one")
    log.info("two")
    one, two = lines(capsys)
    assert one["channel"] == "whatsapp"
    assert "channel" not in two


async def test_correlation_ids_follow_the_task_and_never_cross_into_another(capsys: Capture) -> None:
    log = get_logger("x")

    async def turn(name: str) -> None:
        correlate(turn_id=name)
        await asyncio.sleep(0)
        log.info("thinking", of=name)

    with correlation(request_id="r1"):
        await asyncio.gather(turn("a"), turn("b"))
    log.info("outside")
    *inside, outside = [line for line in lines(capsys) if line["logger"] == "x"]  # other tests' houses live on
    assert {(line["request_id"], line["turn_id"], line["of"]) for line in inside} == {
        ("r1", "a", "a"),
        ("r1", "b", "b"),
    }
    assert "request_id" not in outside


def test_correlation_ids_end_with_their_block_and_nest(capsys: Capture) -> None:
    tenant = uuid4()
    with correlation(request_id="r1"):
        with correlation(tenant_id=tenant):
            get_logger("x").info("inner")
        get_logger("x").info("outer")
    inner, outer = lines(capsys)
    assert (inner["request_id"], inner["tenant_id"]) == ("r1", str(tenant))
    assert "tenant_id" not in outer


SECRETS = {
    "token": "hush-1",
    "refresh_token": "hush-2",
    "client-secret": "hush-3",
    "PASSWORD": "hush-4",
    "Authorization": "hush-5",
    "api_key": "hush-6",
    "apikey": "hush-7",
    "Set-Cookie": "hush-8",
    "rsa_private_key": "hush-9",
    "x_hub_signature": "hush-10",
}


def test_secrets_are_hidden_by_their_name_at_any_depth_and_level(capsys: Capture) -> None:
    configure(Lines(log_level="debug"))
    log = get_logger("x")
    log.info("flat", **SECRETS)
    log.debug("nested", headers=SECRETS, all=[{"inner": SECRETS}])
    written = capsys.readouterr().err
    assert "hush" not in written
    assert written.count("***") == 3 * len(SECRETS)


@pytest.mark.parametrize(
    "text",
    [
        "cannot reach postgres://lumi:hush@db:5432/lumi",
        "cannot reach postgres://lumi:hu/hush@db:5432/lumi",
        "cannot reach redis://:hush@cache/0",
        "cannot reach https://hush@example.org/x",
        "sent Authorization: Bearer hush.hush-hush",
        "sent basic aHVzaDpodXNoaHVzaA==hush",
        "GET /webhook?hub.verify_token=hush&x=1",
        "GET /x?api_key=hush",
        'body was {"access_token": "hush", "x": 1}',
        "body was {'password': 'hush'}",
        "token eyJhbGciOiJSUzI1NiJ9.eyJodXNoIjoxfQ.hush",
        "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----",
    ],
)
def test_secrets_inside_texts_are_hidden(text: str, capsys: Capture) -> None:
    get_logger("x").info("failed", reason=text, seen=[text])
    get_logger("x").info(text)
    stdlib.getLogger("asyncpg").warning("theirs: %s", text)
    written = capsys.readouterr().err
    assert written.count("***") >= 4
    assert "hush" not in written


@pytest.mark.parametrize(
    "text",
    [
        "http://localhost:8000/chat/salon?mail=a@example.org",
        "https://example.org/a@b",
        "2 tokens were refused",
        "lumi.core.realtime",
    ],
)
def test_what_is_no_secret_stays_readable(text: str, capsys: Capture) -> None:
    get_logger("x").info("seen", what=text)
    assert lines(capsys)[0]["what"] == text


def test_counts_under_a_name_like_a_secrets_stay_readable(capsys: Capture) -> None:
    get_logger("x").info("model answered", prompt_tokens=120, token_known=True)
    (line,) = lines(capsys)
    assert (line["prompt_tokens"], line["token_known"]) == (120, True)


@pytest.mark.parametrize("name", ["text", "body", "question", "answer"])
def test_what_people_write_is_on_debug_lines_only(name: str, capsys: Capture) -> None:
    configure(Lines(log_level="debug"))
    log = get_logger("x")
    facts: dict[str, object] = {name: "quand fermez-vous ?", "message": {name: "quand fermez-vous ?"}}
    for write in (log.info, log.warning, log.error):
        write("received", **facts)
    assert "fermez" not in capsys.readouterr().err
    log.debug("received", **facts)
    assert capsys.readouterr().err.count("fermez") == 2


def test_an_exception_is_told_with_its_causes_but_without_the_data_below_its_first_line(
    capsys: Capture,
) -> None:
    try:
        try:
            raise KeyError("first")
        except KeyError as cause:
            raise ValueError("duplicate key\nDETAIL: (text)=(quand fermez-vous)") from cause
    except ValueError:
        get_logger("x").exception("could not save")
    (line,) = lines(capsys)
    told = str(line["exception"])
    assert "KeyError: 'first'" in told
    assert "ValueError: duplicate key" in told
    assert told.index("KeyError") < told.index("ValueError")
    assert "test_logging.py" in told
    assert "(text)=(quand" not in told.rpartition("ValueError: ")[2]


def test_the_argument_a_driver_complains_about_is_not_told(capsys: Capture) -> None:
    try:
        raise ValueError("invalid input for query argument $2: 'quand fermez-vous' (expected str)")
    except ValueError:
        get_logger("x").exception("could not save")
    assert "query argument $2: ***" in str(lines(capsys)[0]["exception"])


def test_every_exception_of_a_group_is_told(capsys: Capture) -> None:
    try:
        raise ExceptionGroup("several", [OSError("one"), RuntimeError("two")])
    except ExceptionGroup:
        get_logger("x").exception("tasks failed")
    told = str(lines(capsys)[0]["exception"])
    assert "OSError: one" in told
    assert "RuntimeError: two" in told


@pytest.mark.parametrize("name", ["uvicorn.error", "alembic.runtime.migration", "asyncio", "aiohttp.client"])
def test_other_libraries_lines_come_out_the_same_way(name: str, capsys: Capture) -> None:
    with correlation(request_id="r1"):
        stdlib.getLogger(name).warning("slow by %d ms", 12)
    (line,) = lines(capsys)
    assert (line["event"], line["level"], line["logger"]) == ("slow by 12 ms", "warning", name)
    assert line["request_id"] == "r1"


def test_other_libraries_debug_lines_and_uvicorns_access_lines_are_not_wanted(capsys: Capture) -> None:
    configure(Lines(log_level="debug"))
    stdlib.getLogger("aiohttp.client").debug("body: quand fermez-vous")
    stdlib.getLogger("uvicorn.access").info("GET /x?token=hush")
    assert capsys.readouterr().err == ""


def test_handlers_uvicorn_brought_along_are_replaced(capsys: Capture) -> None:
    theirs = stdlib.getLogger("uvicorn")
    theirs.addHandler(stdlib.StreamHandler())
    theirs.propagate = False
    configure(Lines())
    stdlib.getLogger("uvicorn.error").info("started")
    assert [line["event"] for line in lines(capsys)] == ["started"]


def test_configuring_twice_writes_each_line_once(capsys: Capture) -> None:
    configure(Lines())
    stdlib.getLogger("alembic").info("once")
    assert len(lines(capsys)) == 1


def test_values_json_does_not_know_are_written_all_the_same(capsys: Capture) -> None:
    get_logger("x").info("odd", half="\ud83d", large=1 << 80, data=b"\x00\x01", what={1: object}, event="name")
    (line,) = lines(capsys)
    assert line["event"] == "odd"
    assert line["data"] == "<2 bytes>"
    assert line["event_"] == "name"


def test_a_closed_standard_error_does_not_fail_what_is_logged(monkeypatch: pytest.MonkeyPatch) -> None:
    class Closed:
        def write(self, _text: str) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stderr", Closed())
    get_logger("x").info("into the void")


def test_for_a_console_a_line_is_readable(capsys: Capture) -> None:
    configure(Lines(log_format="console"))
    get_logger("lumi.x").info("document indexed", sections=12, token="hush")
    written = capsys.readouterr().err
    assert "document indexed" in written
    assert "sections=12" in written
    assert "hush" not in written


def test_an_unknown_level_is_refused() -> None:
    with pytest.raises(KeyError):
        configure(Lines(log_level="loud"))


def test_importing_it_loads_neither_structlog_nor_rich_and_the_first_line_loads_no_rich() -> None:
    program = (
        "import sys; from lumi.core import logging; log = logging.get_logger('x');"
        "assert 'structlog' not in sys.modules; log.info('first');"
        "assert 'structlog' in sys.modules and 'rich' not in sys.modules;"
        "import rich.console"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_a_logger_that_is_silent_costs_no_structlog() -> None:
    assert logging.get_logger("lumi.core.cache").name == "core.cache"
