"""APP_NAME, APP_ENV, DEBUG, HOST, PORT, LUMI_HOME and PUBLIC_URL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response

from lumi.core import logging
from lumi.core.settings import MissingSetting, Settings
from lumi.main import create_app
from tests.core import log_lines
from tests.core.settings.conftest import Given


def test_the_api_calls_itself_by_the_name_of_the_application(given: Given) -> None:
    with log_lines.as_json():
        assert create_app(given(APP_NAME="Casa Brava")).openapi()["info"]["title"] == "Casa Brava"


@pytest.mark.parametrize("name", ["APP_ENV", "ENV"])
def test_production_under_either_name_has_no_demo_and_asks_for_secrets(
    given: Given, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.delenv("APP_ENV")
    settings = given(**{name: "production"})
    with log_lines.as_json():
        assert create_app(settings).url_path_for("live") == "/livez"
        paths = [getattr(route, "path", "") for route in create_app(settings).routes]
    assert not any(path.startswith("/demo") for path in paths)
    with pytest.raises(MissingSetting) as refused:
        settings.require()
    assert [each.split()[0] for each in refused.value.complaints] == ["SECRET_KEY", "RSA_PRIVATE_KEY", "PUBLIC_URL"]


def test_debug_is_refused_in_production(given: Given) -> None:
    complaints = given(APP_ENV="production", DEBUG="true").complaints()
    assert any(each.startswith("DEBUG is on") for each in complaints)
    assert given(APP_ENV="development", DEBUG="true").complaints() == []


async def asked_for_a_failure(settings: Settings) -> Response:
    with log_lines.as_json():
        app: FastAPI = create_app(settings)

        @app.get("/fails")
        async def fails() -> None:
            raise RuntimeError("the boiler is cold")

        logging.configure(settings)
        logging.get_logger("example").debug("a detail")
        transport = ASGITransport(app=app, raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://localhost") as client:
            return await client.get("/fails")


async def test_debug_shows_a_failure_and_details_and_without_it_neither_is_seen(
    given: Given, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = await asked_for_a_failure(given(DEBUG="true"))
    assert "the boiler is cold" in shown.text
    assert "a detail" in capsys.readouterr().err

    hidden = await asked_for_a_failure(given(DEBUG="false"))
    assert hidden.status_code == shown.status_code == 500
    assert "boiler" not in hidden.text
    assert "a detail" not in capsys.readouterr().err


def test_debug_leaves_a_level_that_was_said(given: Given) -> None:
    assert given(DEBUG="true", LOG_LEVEL="error").log_level == "error"


def test_the_public_address_is_what_links_begin_with_and_by_default_where_it_listens(given: Given) -> None:
    assert given(HOST="192.0.2.7", PORT="8100").base_url == "http://192.0.2.7:8100"
    assert given(PUBLIC_URL="https://chat.example.org/").base_url == "https://chat.example.org"


def test_a_port_that_cannot_be_is_refused(given: Given) -> None:
    with pytest.raises(MissingSetting, match="PORT"):
        given(PORT="70000")


def test_what_is_kept_lies_in_the_home_wherever_the_process_goes_later(
    given: Given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    settings = given(LUMI_HOME="kept")
    monkeypatch.chdir("/")
    key = settings.master_key().get_secret_value()
    assert (tmp_path / "kept" / "secret.key").read_text() == key


def test_an_empty_variable_is_one_that_is_not_set(given: Given) -> None:
    settings = given(PORT="", DATABASE_URL="", REDIS_URL="", LOG_FILE="", PROMETHEUS_PORT="", SECRET_KEY="")
    assert settings.port == 8000
    unset = (settings.database_url, settings.redis_url, settings.log_file, settings.prometheus_port)
    assert unset == (None, None, None, None)
    assert settings.secret_key is None


def test_settings_shown_by_accident_show_no_secret(given: Given) -> None:
    secrets = {
        "SECRET_KEY": "hunter2" * 6, "DATABASE_URL": "postgresql://u:hunter2@h/d", "REDIS_URL": "redis://:hunter2@h",
        "WHATSAPP_ACCESS_TOKEN": "hunter2", "WHATSAPP_APP_SECRET": "hunter2", "TEST_DATABASE_URL": "postgresql://hunter2",
    }  # fmt: skip
    settings = given(**secrets)
    assert "hunter2" not in repr(settings)
    assert "hunter2" not in json.dumps(settings.model_dump(mode="json"))
