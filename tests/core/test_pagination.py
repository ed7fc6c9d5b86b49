"""Keyset cursors and pages."""

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lumi.core.ids import new_id
from lumi.core.pagination import BadCursor, Cursor

Place = tuple[datetime, UUID]
CURSOR = Cursor("things", tuple[datetime, UUID])


@given(st.datetimes(timezones=st.just(UTC)), st.uuids())
def test_a_cursor_says_again_exactly_where_the_page_ended(at: datetime, thing: UUID) -> None:
    assert CURSOR.decode(CURSOR.encode((at, thing))) == (at, thing)


@given(st.text(max_size=40), st.integers(), st.none() | st.text(max_size=5))
def test_texts_numbers_and_nothing_travel_too(text: str, number: int, nothing: str | None) -> None:
    cursor = Cursor("others", tuple[str, int, str | None])
    assert cursor.decode(cursor.encode((text, number, nothing))) == (text, number, nothing)


def test_no_character_of_it_can_be_changed() -> None:
    token = CURSOR.encode((datetime(2026, 1, 1, tzinfo=UTC), new_id()))
    for place in range(len(token) - 1):
        changed = "A" if token[place] != "A" else "B"
        with pytest.raises(BadCursor):
            CURSOR.decode(token[:place] + changed + token[place + 1 :])


def test_a_cursor_of_another_list_is_refused() -> None:
    token = Cursor("other things", tuple[datetime, UUID]).encode((datetime(2026, 1, 1, tzinfo=UTC), new_id()))
    with pytest.raises(BadCursor):
        CURSOR.decode(token)


def test_a_cursor_from_before_the_order_of_its_list_changed_is_refused() -> None:
    token = Cursor("things", tuple[str, UUID]).encode(("Léa", new_id()))
    with pytest.raises(BadCursor):
        CURSOR.decode(token)


@given(st.text(max_size=100))
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(BadCursor):
        CURSOR.decode(text)


@pytest.mark.parametrize(("rows", "items", "has_more"), [(0, 0, False), (2, 2, False), (3, 3, False), (4, 3, True)])
def test_a_page_of_three_knows_by_a_fourth_row_that_there_is_more(rows: int, items: int, has_more: bool) -> None:
    counting = Cursor("numbers", tuple[int])
    page = counting.page(range(rows), 3, lambda number: (number,))
    assert len(page.items) == items
    assert (counting.after(page.next) == (2,)) is has_more
    assert (page.next is not None) is has_more


def test_the_items_of_a_page_can_be_changed_and_its_place_stays() -> None:
    counting = Cursor("numbers", tuple[int])
    page = counting.page([1, 2, 3], 2, lambda number: (number,))
    assert page.map(str).items == ["1", "2"]
    assert page.map(str).next == page.next
