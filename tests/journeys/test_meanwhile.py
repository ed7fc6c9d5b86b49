"""What comes in the very moment in which a turn looks at somebody new."""

from __future__ import annotations

import pytest

from lumi.core.lanes import Lane
from lumi.modules.assistant.services.surroundings import Surroundings
from lumi.modules.assistant.values import LaneState
from tests.journeys.conftest import Line
from tests.journeys.test_talked_over import echo
from tests.serving import working


async def test_somebody_who_answers_while_a_stranger_is_introduced_is_not_talked_over(
    line: Line, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Surroundings.introduce

    async def while_introducing(self: Surroundings, lane: Lane, state: LaneState) -> object:
        await echo(line, "Pablo here, I take this.")
        return await real(self, lane, state)

    monkeypatch.setattr(Surroundings, "introduce", while_introducing)
    async with working(line.house):
        await line.write("Merci !")
        await line.settled()

    assert line.heard() == []
    assert await line.rows("select settled_by from event where kind = 'message'") == [("human",)]
