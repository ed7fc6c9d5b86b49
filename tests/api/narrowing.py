"""What a newer description of the API takes from those who use the older one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import cast

Json = Mapping[str, object]

_UPPER, _LOWER = ("maximum", "maxLength", "maxItems"), ("minimum", "minLength", "minItems")
_DEEPEST = 12


@dataclass(slots=True)
class Field:
    """One place in a body: what may stand there, whether it has to, and its bounds."""

    kinds: set[str] = field(default_factory=set[str])
    is_required: bool = False
    bounds: dict[str, object] = field(default_factory=dict[str, object])


Fields = dict[str, Field]


def narrowed(before: Json, after: Json) -> list[str]:
    """Routes, statuses and fields that are gone, and what was taken or promised before and is not any more."""
    there, found = _operations(after), list[str]()
    for name, operation in _operations(before).items():
        if name not in there:
            found.append(f"{name}: removed")
        else:
            found += [f"{name}: {each}" for each in _operation(before, operation, after, there[name])]
    return sorted(set(found))


def _operations(document: Json) -> Mapping[str, Json]:
    paths = cast("Mapping[str, Mapping[str, Json]]", document["paths"])
    return {f"{method.upper()} {path}": each for path, methods in paths.items() for method, each in methods.items()}


def _operation(old: Json, before: Json, new: Json, after: Json) -> Iterator[str]:
    if before.get("x-permission") != after.get("x-permission"):
        yield f"asks for {after.get('x-permission')} instead of {before.get('x-permission')}"
    yield from _less_taken(_asked(old, before), _asked(new, after))
    answers, now = cast("Mapping[str, Json]", before["responses"]), cast("Mapping[str, Json]", after["responses"])
    for status, answer in answers.items():
        if status not in now:
            yield f"status {status} removed"
        elif status < "3":
            yield from _less_given(_fields_of(old, answer, status), _fields_of(new, now[status], status))


def _less_taken(was: Fields, now: Fields) -> Iterator[str]:
    """What somebody could send and cannot any more."""
    for name, each in was.items():
        if name not in now:
            yield f"{name} removed"
            continue
        yield from (f"{name} no longer takes {kind}" for kind in sorted(each.kinds - now[name].kinds))
        yield from (f"{name} is held to {bound}" for bound in _tighter(each.bounds, now[name].bounds))
    for name, each in now.items():
        if each.is_required and not was.get(name, Field()).is_required and _stood(name, was):
            yield f"{name} is required now"


def _stood(name: str, was: Fields) -> bool:
    """Whether the place the field is in was there before: within something new it takes nothing from anybody."""
    inside = name.rpartition(".")[0]
    return not inside or inside in was


def _less_given(was: Fields, now: Fields) -> Iterator[str]:
    """What somebody could rely on in an answer and cannot any more."""
    for name, each in was.items():
        if name not in now:
            yield f"{name} removed"
        elif each.is_required and not now[name].is_required:
            yield f"{name} may be missing now"
        elif each.kinds and (more := {kind for kind in now[name].kinds - each.kinds if not kind.startswith("=")}):
            yield f"{name} may be {', '.join(sorted(more))} now"


def _tighter(was: Mapping[str, object], now: Mapping[str, object]) -> Iterator[str]:
    return (f"{bound} {limit}" for bound, limit in now.items() if _is_tighter(bound, was.get(bound), limit))


def _is_tighter(bound: str, before: object, limit: object) -> bool:
    if bound in _UPPER:
        return before is None or cast("float", limit) < cast("float", before)
    if bound in _LOWER:
        return cast("float", limit) > cast("float", before or 0)
    return limit != before


def _asked(document: Json, operation: Json) -> Fields:
    """Parameters, and the body's fields."""
    found: Fields = {}
    for each in cast("Sequence[Json]", operation.get("parameters", ())):
        _flatten(document, each["schema"], f"parameter {each['name']}", found, required=bool(each.get("required")))
    body = cast("Json | None", operation.get("requestBody"))
    if body is not None:
        found |= _fields_of(document, body, "body", required=bool(body.get("required")))
    return found


def _fields_of(document: Json, holder: Json, where: str, *, required: bool = True) -> Fields:
    """Every field of what a request or an answer carries, under its media type."""
    found: Fields = {}
    for media in cast("Mapping[str, Json]", holder.get("content", {})).values():
        _flatten(document, media.get("schema", {}), where, found, required=required)
    return found


def _flatten(document: Json, schema: object, where: str, found: Fields, *, required: bool, depth: int = 0) -> None:
    plain = _looked_up(document, schema)
    here = found.setdefault(where, Field())
    here.is_required = here.is_required or required
    here.bounds.update({key: plain[key] for key in (*_UPPER, *_LOWER, "pattern") if key in plain})
    if depth >= _DEEPEST:
        return
    here.kinds |= _kinds(plain)
    for choice in _choices(plain):
        _flatten(document, choice, where, found, required=required, depth=depth + 1)
    for name, below in cast("Json", plain.get("properties", {})).items():
        is_required = name in cast("Sequence[str]", plain.get("required", ()))
        _flatten(document, below, f"{where}.{name}", found, required=is_required, depth=depth + 1)
    for key in ("items", "additionalProperties"):
        if isinstance(plain.get(key), Mapping):
            _flatten(document, plain[key], f"{where}[]", found, required=False, depth=depth + 1)


def _kinds(plain: Json) -> set[str]:
    """Types, and the values of a closed set each with an equals sign."""
    given = plain.get("type", ())
    kinds = {given} if isinstance(given, str) else set(cast("Sequence[str]", given))
    values = [plain["const"]] if "const" in plain else cast("Sequence[object]", plain.get("enum", ()))
    return kinds | {f"={value}" for value in values}


def _choices(plain: Json) -> Iterator[object]:
    for key in ("anyOf", "oneOf", "allOf"):
        yield from cast("Sequence[object]", plain.get(key, ()))


def _looked_up(document: Json, schema: object) -> Json:
    """The schema itself, where a reference to it stands."""
    found = cast("Json", schema)
    while "$ref" in found:
        found = document
        for step in str(cast("Json", schema)["$ref"]).removeprefix("#/").split("/"):
            found = cast("Json", found[step])
    return found
