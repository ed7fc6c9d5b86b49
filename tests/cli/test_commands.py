"""Commands that need nothing running."""

from __future__ import annotations

import subprocess
import sys

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


def test_production_says_everything_that_is_missing_and_makes_no_demo(empty_home: Home) -> None:
    home = Home(empty_home.folder, empty_home.port)
    done = subprocess.run(
        [sys.executable, "-m", "lumi", "seed"],
        cwd=home.folder, env={**home.environment, "APP_ENV": "production"}, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 1
    assert "SECRET_KEY" in done.stderr
    assert "RSA_PRIVATE_KEY" in done.stderr
    assert "Traceback" not in done.stderr
