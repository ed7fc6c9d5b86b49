"""JSON from outside: what is read can be written again, also as a part of something else."""

from __future__ import annotations

import orjson
import pytest

from lumi.core.outside_json import Unreadable, load_object


def nested(levels: int) -> bytes:
    return b'{"a":' * levels + b"1" + b"}" * levels


@pytest.mark.parametrize("levels", [1, 100, 200])
def test_what_is_read_can_be_written_inside_of_other_things(levels: int) -> None:
    whole: object = load_object(nested(levels))
    for _ in range(50):
        whole = [whole]
    assert orjson.dumps(whole)


@pytest.mark.parametrize("levels", [201, 254, 1_000, 100_000])
def test_what_is_nested_too_deeply_to_be_written_again_is_unreadable(levels: int) -> None:
    with pytest.raises(Unreadable):
        load_object(nested(levels))


def test_many_brackets_side_by_side_are_read() -> None:
    assert load_object(orjson.dumps({"entry": [{"n": [each]} for each in range(1_000)]}))
