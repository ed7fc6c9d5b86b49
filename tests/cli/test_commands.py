"""Commands that need nothing running."""

from __future__ import annotations

import subprocess
import sys

import pytest

from lumi import __version__
from tests.cli.conftest import Home


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    heavy = ("sqlalchemy", "fastapi", "aiohttp", "asyncpg", "rich", "pydantic", "lumi.wiring")
    program = (
        "import sys, lumi.cli.application as a\n"
        "sys.argv = ['lumi', '--help']\n"
        "try: a.run()\n"
        "except SystemExit: pass\n"
        f"print([name for name in {heavy!r} if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stderr == "[]\n"
    for command in (
        "init",
        "up",
        "serve",
        "worker",
        "migrate",
        "seed",
        "backup",
        "restore",
        "doctor",
        "chat",
        "language",
        "search",
        "tenant",
    ):
        assert f"\n  {command} " in done.stdout


def test_languages_come_out_in_the_order_of_the_texts(empty_home: Home) -> None:
    texts = [
        {"text": "Wann habt ihr geöffnet?"},
        {"text": "Во сколько заезд?"},
        {"text": "¿Cuánto cuesta un corte?", "among": ["fr", "es"]},
        {"text": "كم سعر صبغة الشعر؟"},
    ]

    told = empty_home.objects("language", "--jsonl", given=texts)

    assert [each["lang"] for each in told] == ["de", "ru", "es", "ar"]
    assert all(isinstance(each["confidence"], float) for each in told)


def test_a_line_that_is_no_json_is_refused_by_its_number(empty_home: Home) -> None:
    done = empty_home.lumi("language", "--jsonl", given='{"text": "Bonjour"}\nBonjour\n')

    assert done.returncode == 1
    assert len(done.stdout.splitlines()) == 1
    assert "Line 2" in done.stderr


@pytest.mark.parametrize("command", ["seed", "serve", "worker", "doctor"])
def test_production_says_everything_that_is_missing_and_how_to_make_it(empty_home: Home, command: str) -> None:
    names = ("SECRET_KEY", "RSA_PRIVATE_KEY", "PUBLIC_URL")

    done = empty_home.lumi(command, changes={"APP_ENV": "production", **dict.fromkeys(names, "")})

    assert done.returncode == 1
    for name in (*names, "openssl rand", "openssl genrsa", "PUBLIC_URL=https://"):
        assert name in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("missing", ["SECRET_KEY", "RSA_PRIVATE_KEY", "PUBLIC_URL"])
@pytest.mark.parametrize("command", ["serve", "worker"])
def test_production_starts_nothing_while_a_single_setting_is_missing(
    empty_home: Home, command: str, missing: str
) -> None:
    pem = subprocess.run(["openssl", "genrsa", "2048"], capture_output=True, text=True, check=True).stdout
    complete = {"SECRET_KEY": "k" * 48, "RSA_PRIVATE_KEY": pem, "PUBLIC_URL": "https://chat.example.org"}

    done = empty_home.lumi(command, changes={"APP_ENV": "production", **complete, missing: ""})

    assert done.returncode == 1
    assert f"- {missing} is missing" in done.stderr
    assert done.stderr.count("is missing") == 1
    assert "Traceback" not in done.stderr


def test_the_version_is_said() -> None:
    done = subprocess.run([sys.executable, "-m", "lumi", "--version"], capture_output=True, text=True, check=True)

    assert done.stdout == f"lumi {__version__}\n"
