"""Every body that is known, with keys dropped, renamed and retyped: a Batch or Unreadable, and never a surprise.

CASES names another folder of bodies to do the same with.
"""

import contextlib
import copy
import os
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import cast

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lumi.integrations.whatsapp.contents import Details
from lumi.integrations.whatsapp.payloads import Batch, Unreadable, parse
from tests.integrations.whatsapp.events import PERSON, USER_ID, Part, echo, event, message, status, text, value

FILE = {"id": "7", "mime_type": "image/jpeg", "sha256": "q83v", "caption": "Ceci", "url": "https://a.fbsbx.com/x"}
CARD = {"name": {"formatted_name": "Zoé"}, "phones": [{"phone": "+33", "wa_id": "336"}], "emails": [{"email": "a@b"}]}
PLACE = {"latitude": 48.85, "longitude": 2.35, "name": "Salon"}
MESSAGES = [
    text(context={"from": "331", "id": "wamid.OLD"}, referral={"source_id": "1", "welcome_message": {"text": "Hi"}}),
    message("image", FILE),
    message("audio", FILE | {"voice": True}),
    message("location", PLACE),
    message("contacts", [CARD]),
    message("interactive", {"type": "list_reply", "list_reply": {"id": "a", "title": "Mardi"}}),
    message("button", {"payload": "p", "text": "Oui"}),
    message("reaction", {"message_id": "wamid.OLD", "emoji": "👍"}),
    message("edit", {"original_message_id": "wamid.OLD", "message": {"type": "image", "image": FILE}}),
    message("revoke", {"original_message_id": "wamid.OLD"}),
    message("system", {"type": "user_changed_user_id", "user_id": USER_ID}, identity={"hash": "a"}, **{"from": None}),
    message("order", {"catalog_id": "1", "product_items": [{"product_retailer_id": "g", "quantity": 1}]}),
    message("unsupported", {"type": "poll"}, errors=[{"code": 131051}]),
]
BUILT = [
    *(event(value(contacts=[PERSON], messages=[each])) for each in MESSAGES),
    event(value(statuses=[status(errors=[{"code": 131047, "error_data": {"details": "late"}}])])),
    event(value(message_echoes=[echo()]), field="smb_message_echoes"),
    event({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}, field="account_update", time=179),
    event(value(user_preferences=[{"wa_id": "336", "value": "stop", "timestamp": 179}]), field="user_preferences"),
    event(value(user_id_update=[{"user_id": {"previous": "FR.1", "current": "FR.2"}}]), field="user_id_update"),
]
FOLDER = Path(os.environ.get("CASES") or Path(__file__).parent / "bodies")
RECORDED = [cast("Part", orjson.loads(path.read_bytes())) for path in sorted(FOLDER.rglob("*.json"))]

Path_ = tuple[str | int, ...]
ODD_VALUES: list[object] = [
    *(None, True, 0, -1, 2**63, 1.5, "", "x", "\0", "9" * 400, "١٢", "🙂"),
    *([], [None], [[]], {}, {"id": {}}, [{"type": 3}]),
]
ODD = st.sampled_from(ODD_VALUES)
COUNTED = re.compile(r"(object|entry|field|value|error|message|status|echo)\.[A-Za-z0-9_]{1,40}")


def paths(node: object, here: Path_ = ()) -> Iterator[Path_]:
    """Where every key and every place of a list is."""
    inside: list[tuple[str | int, object]] = []
    if isinstance(node, dict):
        inside = list(cast("Part", node).items())
    elif isinstance(node, list):
        inside = list(enumerate(cast("list[object]", node)))
    for key, each in inside:
        yield (*here, key)
        yield from paths(each, (*here, key))


def changed(body: Part, where: Path_, how: str, odd: object) -> Part:
    """The body with one thing dropped, renamed, retyped or wrapped."""
    told = copy.deepcopy(body)
    node: object = told
    for step in where[:-1]:
        node = cast("dict[str | int, object]", node)[step]
    place, key = cast("dict[str | int, object]", node), where[-1]
    if how == "wrap":
        place[key] = {"value": place[key]}
    elif how == "retype" or isinstance(key, int):
        place[key] = odd
    else:
        kept = place.pop(key)
        if how == "rename":
            place[f"{key}_v2"] = kept
    return told


def check(batch: Batch) -> None:
    """What holds for every batch, whatever was in the body."""
    for each in batch.messages:
        assert each.from_phone or each.from_user_id
    for each in [*batch.messages, *batch.statuses, *batch.echoes]:
        assert each.id
        assert each.phone_number_id
        assert each.timestamp.utcoffset() == timedelta(0)
    for each in [*batch.messages, *batch.echoes, *batch.notices]:
        orjson.dumps(each.raw)
    assert all(isinstance(each.details, Details) for each in batch.messages)
    assert all(COUNTED.fullmatch(kind) for kind in batch.ignored)


@pytest.mark.parametrize("body", BUILT)
def test_every_body_is_read_when_nothing_is_changed(body: Part) -> None:
    batch = parse(orjson.dumps(body))
    check(batch)
    assert (batch.broken, batch.ignored) == ([], {})
    assert len(batch.messages) + len(batch.statuses) + len(batch.echoes) + len(batch.notices) == 1


@settings(max_examples=500, deadline=None)
@given(st.data())
def test_whatever_is_dropped_renamed_or_retyped_the_next_message_is_read(data: st.DataObject) -> None:
    body = data.draw(st.sampled_from([*BUILT, *RECORDED]))
    for _ in range(data.draw(st.integers(1, 3))):
        where = list(paths(body))
        if not where:
            break
        how = data.draw(st.sampled_from(["drop", "rename", "retype", "wrap"]))
        body = changed(body, data.draw(st.sampled_from(where)), how, data.draw(ODD))
    entries = body.get("entry")
    if isinstance(entries, list):
        following = event(value(contacts=[PERSON], messages=[text("wamid.next")]))["entry"]
        body = {**body, "entry": [*cast("list[object]", entries), *cast("list[object]", following)]}
    batch = parse(orjson.dumps(body))
    check(batch)
    if isinstance(entries, list) and body.get("object") == "whatsapp_business_account":
        assert batch.messages[-1].id == "wamid.next"


@settings(max_examples=100, deadline=None)
@given(st.sampled_from([*BUILT, *RECORDED]), st.data())
def test_a_body_that_breaks_off_or_is_damaged_is_unreadable_or_read(body: Part, data: st.DataObject) -> None:
    raw = orjson.dumps(body)
    place = data.draw(st.integers(0, len(raw) - 1))
    damaged = data.draw(st.sampled_from([raw[:place], raw[:place] + b"\xff" + raw[place + 1 :]]))
    with contextlib.suppress(Unreadable):
        check(parse(damaged))
