"""Everything here is tried on each surface."""

import pytest

from tests.integrations.graph.fixtures import client, phone, served, webhook
from tests.integrations.graph.surfaces import INSTAGRAM_KIND, MESSENGER_KIND, Kind

__all__ = ["client", "kind", "phone", "served", "webhook"]


@pytest.fixture(params=[MESSENGER_KIND, INSTAGRAM_KIND], ids=str)
def kind(request: pytest.FixtureRequest) -> Kind:
    return request.param
