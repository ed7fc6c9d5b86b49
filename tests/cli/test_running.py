"""`lumi up` and what is done beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import cast

import pytest

from lumi.demo import keys
from tests.cli.conftest import ROOT, Home, Running, stop, until_said
from tests.waiting import until

RECORDED = Path(__file__).resolve().parents[1] / "integrations" / "whatsapp" / "bodies" / "text.json"


def fetch(home: Home, path: str) -> object:
    """JSON of the running server."""
    with urllib.request.urlopen(f"http://127.0.0.1:{home.port}{path}", timeout=30) as answer:
        return json.load(answer)


def is_attended(home: Home) -> bool:
    """Whether the server finds a worker alive."""
    return cast("dict[str, str]", fetch(home, "/readyz"))["status"] == "ok"


def test_up_prints_where_to_go(home: Running) -> None:
    base = f"http://127.0.0.1:{home.port}"
    for place in ("/", "/chat/salon-eclat", "/chat/casa-brava", "/chat/nadia", "/demo/phone", "/console", "/docs"):
        assert f"{base}{place}\n" in home.printed
    assert str(home.kept["password"]) in home.printed


def test_the_keys_of_the_demo_are_readable_by_their_owner_only(home: Running) -> None:
    assert (home.folder / "demo.json").stat().st_mode & 0o777 == 0o600


def test_a_second_up_on_the_same_port_is_refused_in_words(home: Running) -> None:
    done = home.lumi("up")

    assert done.returncode == 1
    assert f"Port {home.port} is taken" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_question_in_the_terminal_is_answered_in_its_language_with_its_source(home: Running) -> None:
    french, arabic = home.objects(
        "chat", "salon-eclat", "--json", given="Quels sont vos horaires ?\nكم سعر صبغة الشعر؟\n"
    )

    assert set(french) == {"text", "lang", "sources", "handover"}
    assert french["lang"] == "fr"
    assert "jeudi de 10 h à 21 h" in str(french["text"])
    (source,) = cast("list[dict[str, object]]", french["sources"])
    assert set(source) == {"id", "title", "url"}
    assert source["title"] == "Quels sont vos horaires d’ouverture ?"
    assert arabic["lang"] == "ar"
    assert arabic["sources"]


def test_each_line_gets_its_own_reply_in_order_and_nothing_else_is_printed(home: Running) -> None:
    done = home.lumi_afresh("chat", "casa-brava", given="¿Está incluido el desayuno?\n\n¿Hay piscina?\n")

    assert done.returncode == 0
    first, second = done.stdout.find("desayuno"), done.stdout.find("piscina")
    assert 0 <= first < second
    assert "Connecting" not in done.stdout


def test_under_a_name_the_conversation_goes_on(home: Running) -> None:
    home.objects("chat", "salon-eclat", "--json", "--as", "Zoé", given="Bonjour !\n")
    again = home.objects("chat", "salon-eclat", "--json", "--as", "Zoé", given="Merci\n")

    assert len(again) == 1
    assert again[0]["lang"] == "fr"


def test_an_unknown_organisation_is_refused_with_the_ones_there_are(home: Running) -> None:
    done = home.lumi("chat", "nobody", given="Bonjour\n")

    assert done.returncode == 1
    assert "salon-eclat" in done.stderr
    assert done.stdout == ""


def test_a_recorded_webhook_is_answered_at_the_twin(home: Running, tmp_path: Path) -> None:
    body = json.loads(RECORDED.read_text())
    message = body["entry"][0]["changes"][0]["value"]["messages"][0]
    message["text"]["body"] = "Quels sont vos horaires d'ouverture ?"
    file = tmp_path / "recorded.json"
    file.write_text(json.dumps(body))
    log = f"http://127.0.0.1:{home.kept['twin_port']}/salon-eclat/_twin/log"

    for _ in range(2):  # it is made new each time: twice is two messages
        done = home.lumi("webhook", "post", "whatsapp", str(file), "--tenant", "salon-eclat")
        assert (done.returncode, done.stdout) == (0, "200\n"), done.stderr

    heard: list[dict[str, object]] = []
    for _ in range(100):
        with urllib.request.urlopen(log, timeout=10) as answer:
            heard = [each for each in json.load(answer)["messages"] if each["to"].lstrip("+") == message["from"]]
        if heard:
            break
        time.sleep(0.1)
    assert "jeudi de 10 h à 21 h" in str(heard[-1]["text"]), heard


def test_bytes_posted_as_they_are_without_a_signature_are_refused(home: Running) -> None:
    done = home.lumi("webhook", "post", "whatsapp", str(RECORDED), "--tenant", "nadia", "--as-is", "--no-sign")

    assert (done.returncode, done.stdout) == (1, "401\n")


def test_a_new_organisation_learns_and_answers(home: Running, tmp_path: Path) -> None:
    entries = tmp_path / "entries.jsonl"
    entry = {"id": 7, "lang": "en", "title": "Parking", "text": "Guests park for free behind the mill."}
    entries.write_text(json.dumps(entry) + "\n")

    added = home.lumi("tenant", "add", "old-mill", "--name", "The Old Mill", "--owner", "+33 6 39 98 01 77")
    twice = home.lumi("tenant", "add", "old-mill")
    loaded = home.lumi("knowledge", "load", "old-mill", str(entries))
    (found,) = home.objects("search", "old-mill", "--jsonl", given=[{"question": "Where can I park?", "lang": "en"}])
    (reply,) = home.objects("chat", "old-mill", "--owner", "--json", given="Where do guests park?\n")

    assert added.returncode == 0, added.stderr
    assert twice.returncode == 1
    assert "slug" in twice.stderr
    assert loaded.stdout == "1 stored, 0 unchanged\n"
    assert [each["id"] for each in cast("list[dict[str, object]]", found["passages"])] == [7]
    assert "behind the mill" in str(reply["text"])


def test_sql_from_standard_input_runs_as_the_owner_role(home: Running) -> None:
    done = home.lumi("db-shell", "-At", given="select current_user;")

    assert (done.returncode, done.stdout) == (0, "lumi_owner\n"), done.stderr


def test_doctor_finds_everything_well(home: Running) -> None:
    done = home.lumi_afresh("doctor")

    assert done.returncode == 0, done.stdout
    assert "FAILED" not in done.stdout
    assert "WhatsApp           salon-eclat" in done.stdout


@pytest.mark.parametrize(
    ("twin", "code", "said"),
    [
        ([], 0, "ok      Scanner            clamd answers"),
        (["--max-file-bytes", "1000000"], 0, "Raise MaxFileSize in clamd.conf"),
        (["--silent"], 1, "Set `AlertExceedsMax yes` in clamd.conf"),
    ],
)
def test_doctor_finds_out_whether_clamd_lets_pass_what_it_does_not_look_into(
    home: Running, twin: list[str], code: int, said: str
) -> None:
    program = [sys.executable, "-m", "lumi.integrations.clamd.fake", *twin]
    with subprocess.Popen(program, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        address = json.loads(process.stdout.readline())["address"]
        done = home.lumi("doctor", changes={"SCANNER": "clamd", "CLAMD_ADDRESS": address})
        process.terminate()

    assert done.returncode == code, done.stdout
    assert said in done.stdout


@pytest.mark.parametrize(
    ("scanner", "said", "advice"),
    [
        ("", "not set up: files are kept", "SCANNER=off hands them out unseen"),
        ("off", "off: files go out", "SCANNER=clamd"),
    ],
)
def test_doctor_says_in_production_what_to_decide_about_files(
    home: Running, scanner: str, said: str, advice: str
) -> None:
    done = home.lumi("doctor", changes={"APP_ENV": "production", "SCANNER": scanner})

    assert f"note    Scanner            {said}" in done.stdout
    assert advice in done.stdout.partition("Scanner")[2]


def test_doctor_says_when_the_disk_takes_no_more_files(home: Running) -> None:
    done = home.lumi("doctor", changes={"UPLOADS_KEEP_FREE_BYTES": str(1 << 62)})

    assert done.returncode == 1
    assert "FAILED  Files              no room on the disk of " in done.stdout
    assert "lower UPLOADS_KEEP_FREE_BYTES" in done.stdout


async def test_a_worker_that_is_killed_is_replaced_and_nothing_is_lost(home: Running) -> None:
    before = home.pid_of("lumi.worker")

    os.kill(before, signal.SIGKILL)
    (reply,) = home.objects("chat", "nadia", "--json", given="Is the first call free?\n")

    assert reply["lang"] == "en"
    await until(lambda: home.has("lumi.worker", other_than=before))
    await until(lambda: is_attended(home))


def test_everything_ends_with_up_and_a_later_start_finds_what_was_there(home: Running) -> None:
    password = str(home.kept["password"])
    family = [home.pid_of(words) for words in ("lumi serve", "lumi.worker", "lumi.demo.twins")]

    code, seconds = stop(home.process, signal.SIGINT)
    left = [pid for pid in family if Path(f"/proc/{pid}").exists()]
    is_free = keys.is_free(home.port)
    home.process = home.start()

    assert password in until_said(home.process, "Logs")
    assert cast("list[object]", fetch(home, "/demo/organisations"))
    assert (code, left, is_free) == (0, [], True)
    assert seconds < 8
