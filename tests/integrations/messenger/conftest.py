"""The same as for both surfaces, for this one alone."""

import pytest

from tests.integrations.graph.fixtures import client, phone, served, webhook
from tests.integrations.graph.surfaces import MESSENGER_KIND, Kind

__all__ = ["client", "kind", "phone", "served", "webhook"]


@pytest.fixture
def kind() -> Kind:
    return MESSENGER_KIND
