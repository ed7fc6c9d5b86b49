"""`/metrics` on the API's own port."""

from __future__ import annotations

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from lumi.core.settings import get_settings

# a house of its own
pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("is_on", "status"), [(True, 200), (False, 404)])
async def test_the_figures_are_told_unless_they_are_switched_off(database_url: str, is_on: bool, status: int) -> None:
    from lumi.api import problems
    from lumi.api.router import router
    from lumi.wiring import furnish, open_house

    app = FastAPI()
    problems.install(app)
    app.include_router(router)
    settings = get_settings().model_copy(update={"prometheus_enabled": is_on})
    async with (
        open_house(settings, database_url=database_url) as house,
        AsyncClient(transport=ASGITransport(app, raise_app_exceptions=False), base_url="http://localhost") as visitor,
    ):
        furnish(app, house)

        answer = await visitor.get("/metrics")

    assert answer.status_code == status
    assert ("lumi_lanes_due" in answer.text) is is_on
