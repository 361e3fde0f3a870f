"""Writes what people and editors read of the definitions: `python -m crds.reference`.

For each kind a page of its fields (docs/reference) and a JSON schema (crds/schemas).
"""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

HERE: Final = Path(__file__).parent
PAGES: Final = HERE.parent / "docs" / "reference"
SCHEMAS: Final = HERE / "schemas"
KINDS: Final = ("oauthclients", "clusteroauthissuers")
_OPEN: Final = "x-kubernetes-preserve-unknown-fields"
_BOUNDS: Final = {
    "pattern": "matches `{}`",
    "minLength": "at least {} characters",
    "maxLength": "at most {} characters",
    "minItems": "at least {} entries",
    "maxItems": "at most {} entries",
    "minProperties": "at least {} members",
    "maxProperties": "at most {} members",
    "minimum": "at least {}",
    "maximum": "at most {}",
}
Schema = Mapping[str, Any]


def written() -> dict[Path, str]:
    """Return each file, and what has to stand in it."""
    files: dict[Path, str] = {}
    for plural in KINDS:
        definition = yaml.safe_load((HERE / f"{plural}.yaml").read_text())
        (version,) = definition["spec"]["versions"]
        names, schema = definition["spec"]["names"], version["schema"]["openAPIV3Schema"]
        files[PAGES / f"{plural}.md"] = _page(definition, version["name"], schema)
        schema = _json_schema(definition["spec"]["group"], version["name"], names["kind"], schema)
        files[SCHEMAS / f"{names['singular']}_{version['name']}.json"] = json.dumps(schema, indent=2) + "\n"
    return files


def _page(definition: Schema, version: str, schema: Schema) -> str:
    spec = definition["spec"]
    names = spec["names"]
    lines = [
        f"# {names['kind']}",
        "",
        f"`apiVersion: {spec['group']}/{version}`, {spec['scope'].lower()}, short `{names['shortNames'][0]}`.",
        "",
        "All fields, for looking up. To begin with: [the tutorial](../tutorial.md), or [the README](../../README.md).",
        "Written by `python -m crds.reference` from the definition; `kubectl explain` says the same.",
    ]
    for part in ("spec", "status"):
        lines += ["", f"## {part}"]
        for path, field, required in _fields(schema["properties"][part], part):
            lines += ["", f"### `{path}`", "", *_described(field, required=required)]
    return "\n".join(lines) + "\n"


def _fields(schema: Schema, path: str) -> Iterator[tuple[str, Schema, bool]]:
    """Yield each field below an object or a list of objects, where it is, and whether it has to be there."""
    for name, field in schema.get("properties", {}).items():
        below = f"{path}.{name}"
        yield below, field, name in schema.get("required", ())
        items, values = field.get("items"), field.get("additionalProperties")
        yield from _fields(items, f"{below}[]") if isinstance(items, dict) else _fields(field, below)
        if isinstance(values, dict):
            yield from _fields(values, f"{below}.*")


def _described(field: Schema, *, required: bool) -> list[str]:
    facts = [_type(field), *(["required"] if required else [])]
    if "default" in field:
        facts.append(f"default `{json.dumps(field['default'])}`")
    if "enum" in field:
        facts.append("one of " + ", ".join(f"`{value}`" for value in field["enum"]))
    facts += [words.format(field[bound]) for bound, words in _BOUNDS.items() if bound in field]
    lines = ["; ".join(facts) + "."]
    if description := " ".join(field.get("description", "").split()):
        lines += ["", _escaped(description)]
    rules = [rule for rule in field.get("x-kubernetes-validations", ()) if "message" in rule]
    if rules:
        lines += ["", *(f"- {_escaped(' '.join(rule['message'].split()))}" for rule in rules)]
    return lines


def _type(field: Schema) -> str:
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    if isinstance(values := field.get("additionalProperties"), dict):
        return f"object of {_type(values)} by key"
    return str(field.get("type", "any value"))


def _escaped(text: str) -> str:
    # What Markdown would take for a tag, or for a link.
    return re.sub(r"([<\[\]|])", r"\\\1", text)


def _json_schema(group: str, version: str, kind: str, schema: Schema) -> dict[str, Any]:
    closed = _closed({name: value for name, value in schema.items() if name != "description"})
    assert isinstance(closed, dict)
    closed["properties"] = {
        **closed["properties"],
        "apiVersion": {"type": "string", "enum": [f"{group}/{version}"]},
        "kind": {"type": "string", "enum": [kind]},
        "metadata": {"type": "object"},
    }
    closed["required"] = ["apiVersion", "kind", "metadata", "spec"]
    return {"$schema": "http://json-schema.org/draft-07/schema#", "title": kind, **closed}


def _closed(schema: object) -> object:
    """Return a schema in which an object has the members that are named, and no others, as the API server keeps it."""
    if isinstance(schema, list):
        return [_closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    found = {name: _closed(value) for name, value in schema.items() if not name.startswith("x-kubernetes-")}
    if isinstance(schema.get("properties"), dict) and not schema.get(_OPEN) and "additionalProperties" not in schema:
        found["additionalProperties"] = False
    return found


def main() -> None:
    """Write the files."""
    for file, text in written().items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text)


if __name__ == "__main__":
    main()
