"""The garbage collector of a process that starts and then runs for long."""

import gc
from collections.abc import Generator

import pytest

from lumi.core import memory


@pytest.fixture
def collector() -> Generator[None]:
    """The collector, afterwards as it was before."""
    thresholds = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*thresholds)
    gc.enable()


@pytest.mark.usefixtures("collector")
def test_a_process_that_starts_collects_nothing_until_it_is_ready() -> None:
    memory.begin()
    assert not gc.isenabled()
    memory.settle()
    assert gc.isenabled()


@pytest.mark.usefixtures("collector")
def test_what_is_loaded_when_a_process_is_ready_is_not_looked_at_again() -> None:
    kept = [[number] for number in range(1000)]
    memory.settle()
    assert gc.get_freeze_count() > len(kept)
    assert all(each is not kept for each in gc.get_objects())
