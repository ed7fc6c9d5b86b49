"""`docs/API_REFERENCE.md`: every operation and every shape, from the OpenAPI document."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from lumi.core.settings import Settings

Node = Mapping[str, object]

HEAD = """# API reference

Made from the OpenAPI document by `make docs`; a running Lumi shows the same at `/docs`, to try. Errors are
`application/problem+json`; lists answer `items` and the cursor `next`; the sockets are in [sockets.md](sockets.md).
"""

_REFUSAL = "[Problem](#problem)"


def document(settings: Settings) -> str:
    """What the file should say: the API as it is in production, without the demo."""
    from lumi.main import create_app

    return text_of(create_app(settings.model_copy(update={"app_env": "production"})).openapi())


def text_of(described: Node) -> str:
    """The page of one OpenAPI document."""
    groups: dict[str, list[str]] = {}
    for path, operations in _nodes(described, "paths"):
        for method, operation in cast("Mapping[str, Node]", operations).items():
            tag = str(next(iter(_list(operation, "tags")), "other"))
            groups.setdefault(tag, []).append("\n".join(_operation(method, path, operation)))
    parts = [HEAD]
    for tag in sorted(groups):
        parts += [f"## {tag.capitalize()}\n", *groups[tag]]
    parts.append("## Shapes\n")
    schemas = cast("Node", cast("Node", described.get("components", {})).get("schemas", {}))
    parts += ["\n".join(_shape(name, cast("Node", schemas[name]))) for name in sorted(schemas)]
    return "\n".join(parts)


def _operation(method: str, path: str, operation: Node) -> Iterator[str]:
    yield f"### {method.upper()} {path}\n"
    yield f"{operation.get('description') or operation.get('summary') or ''}\n".replace("\n\n", "\n")
    yield f"- {'with a token' if operation.get('security') else 'open to everybody'}"
    for key in sorted(key for key in operation if key.startswith("x-")):
        yield f"- {key.removeprefix('x-')}: {_plain(operation[key])}"
    for each in cast("list[Node]", _list(operation, "parameters")):
        needed = ", required" if each.get("required") else ""
        about = f": {each['description']}" if each.get("description") else ""
        yield f"- {each['in']} `{each['name']}` ({_type(_node(each, 'schema'))}{needed}){about}"
    if body := _node(operation, "requestBody"):
        yield f"- body: {_content(body)}"
    answers = [
        (status, _content(each) or str(each.get("description"))) for status, each in _nodes(operation, "responses")
    ]
    yield from (f"- {status}: {says}" for status, says in answers if says != _REFUSAL)
    if refused := [status for status, says in answers if says == _REFUSAL]:
        yield f"- refusals: {', '.join(refused)}"
    yield ""


def _shape(name: str, schema: Node) -> Iterator[str]:
    yield f"### {name}\n"
    if schema.get("description"):
        yield f"{schema['description']}\n"
    if "enum" in schema:
        yield f"One of {_plain(schema['enum'])}.\n"
        return
    required = _list(schema, "required")
    for field, node in _nodes(schema, "properties"):
        needed = ", required" if field in required else ""
        about = f": {node['description']}" if node.get("description") else ""
        yield f"- `{field}` ({_type(node)}{needed}){about}"
    yield ""


def _content(node: Node) -> str:
    found = [_type(_node(each, "schema")) for _, each in _nodes(node, "content")]
    return ", ".join(dict.fromkeys(each for each in found if each))


def _type(node: Node) -> str:
    if "$ref" in node:
        name = str(node["$ref"]).rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for key in ("anyOf", "oneOf", "allOf"):
        if key in node:
            return " or ".join(_type(each) for each in cast("list[Node]", node[key]))
    if "enum" in node:
        return _plain(node["enum"])
    if node.get("type") == "array":
        return f"list of {_type(_node(node, 'items')) or 'anything'}"
    kind = str(node.get("format") or node.get("type") or "")
    limits = {"minLength": "at least", "maxLength": "at most", "minimum": "from", "maximum": "to", "default": "default"}
    said = [f"{words} {_plain(node[key])}" for key, words in limits.items() if key in node]
    return ", ".join([kind, *said] if kind else said)


def _plain(value: object) -> str:
    if isinstance(value, list):
        return ", ".join(_plain(each) for each in cast("list[object]", value))
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {_plain(each)}" for key, each in cast("Node", value).items())
    return f"`{value}`"


def _node(node: Node, key: str) -> Node:
    return cast("Node", node.get(key) or {})


def _nodes(node: Node, key: str) -> list[tuple[str, Node]]:
    return list(cast("Mapping[str, Node]", node.get(key) or {}).items())


def _list(node: Node, key: str) -> list[object]:
    return cast("list[object]", node.get(key) or [])
