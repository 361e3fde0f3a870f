"""What the API server would not admit of a manifest, by the definition itself: its types, bounds, words and fields.

The files are those of `crds/`, and no others. Their rules in CEL are not run here: the operator checks the same once
more, and that is asked. A message names no value: a password or a key may stand where it does not belong.
"""

import functools
import importlib.resources
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Any, Final

import yaml
from jsonschema import Draft4Validator
from jsonschema.exceptions import ValidationError

from ... import names
from ...oauth.json_object import JSON
from ...oauth.words import cleaned
from .documents import Path

Schema = Mapping[str, Any]

_FILES: Final = {names.KIND: "oauthclients.yaml", names.ISSUER_KIND: "clusteroauthissuers.yaml"}
_TEXT: Final[Schema] = {"type": "string"}
_TEXTS: Final[Schema] = {"type": "object", "additionalProperties": _TEXT}
_OF_THE_CLUSTER: Final = (
    "creationTimestamp",
    "deletionGracePeriodSeconds",
    "deletionTimestamp",
    "finalizers",
    "generation",
    "managedFields",
    "ownerReferences",
    "resourceVersion",
    "selfLink",
    "uid",
)
_METADATA: Final[Schema] = {
    "type": "object",
    "properties": {
        "name": _TEXT,
        "generateName": _TEXT,
        "namespace": _TEXT,
        "labels": _TEXTS,
        "annotations": _TEXTS,
        **{name: {} for name in _OF_THE_CLUSTER},
    },
}
"""Kubernetes' own ObjectMeta, of which a definition says nothing."""
_TYPES: Final = {
    "array": "a list",
    "boolean": "true or false, without quotes",
    "integer": "a whole number, without quotes",
    "object": "an object, with members",
    "string": "text; put it in quotes",
}
_BOUNDS: Final = {
    "maxLength": "it is longer than {} characters",
    "maxItems": "it has more than {} entries",
    "maxProperties": "it has more than {} members",
    "minimum": "it is less than {}",
    "maximum": "it is more than {}",
}
_FIELDS_SHOWN: Final = 12
_MOST_SAID: Final = 100
_LONGEST_NAME: Final = 100
"""Of a field that is compared with those that there are."""


def objections(manifest: Mapping[str, JSON], kind: str = names.KIND) -> Iterator[tuple[Path, str]]:
    """Yield what the API server refuses of a resource's form, where and what to write; a hundred things at most."""
    schema = _schema(kind)
    # What is written as its status is dropped, and so is null where a field is declared.
    written = _without_nulls({name: value for name, value in manifest.items() if name != "status"}, schema)
    errors = Draft4Validator(schema).iter_errors(written)
    # Of several members that are missing each error tells all.
    yield from dict.fromkeys(islice((said for error in errors for said in _said(error)), _MOST_SAID))


def crd(kind: str = names.KIND) -> dict[str, Any]:
    """Return the definition of a kind."""
    text = importlib.resources.files(__package__).joinpath(_FILES[kind]).read_text()
    definition: dict[str, Any] = yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are
    return definition


@functools.cache
def _schema(kind: str) -> Schema:
    (version,) = crd(kind)["spec"]["versions"]
    schema = version["schema"]["openAPIV3Schema"]
    properties = {name: one for name, one in schema["properties"].items() if name != "status"}
    return _strict({**schema, "properties": {**properties, "metadata": _METADATA}})


def _strict(schema: Schema) -> Schema:
    """Return a schema that refuses fields which it does not declare: the API server drops them, or refuses them."""
    strict = dict(schema)
    if "properties" in schema:
        strict["properties"] = {name: _strict(one) for name, one in schema["properties"].items()}
        if not schema.get("x-kubernetes-preserve-unknown-fields"):
            strict.setdefault("additionalProperties", False)
    if "items" in schema:
        strict["items"] = _strict(schema["items"])
    return strict


def _without_nulls(value: JSON, schema: Schema) -> JSON:
    declared = schema.get("properties", {})
    if isinstance(value, dict):
        return {
            name: _without_nulls(one, declared.get(name, {}))
            for name, one in value.items()
            if one is not None or name not in declared
        }
    return [_without_nulls(one, schema.get("items", {})) for one in value] if isinstance(value, list) else value


def _said(error: ValidationError) -> Iterator[tuple[Path, str]]:
    path: Path = tuple(error.absolute_path)
    wanted: Any = error.validator_value
    instance: Any = error.instance
    match error.validator:
        case "additionalProperties":
            declared = error.schema["properties"] if isinstance(error.schema, dict) else {}
            for name in sorted(instance.keys() - declared.keys()):
                yield (*path, name), f"there is no such field{_instead(name, declared)}"
        case "required":
            for name in wanted:
                if name not in instance:
                    yield (*path, name), "it is required"
        case "type":
            yield path, f"it has to be {_TYPES.get(wanted, wanted)}"
        case "enum":
            yield path, f"write one of {', '.join(wanted)}"
        case "minLength":
            yield path, "it is empty"
        case word:
            yield path, _BOUNDS.get(str(word), f"it is not admitted by {word}").format(wanted)


def _instead(name: str, declared: Mapping[str, Any]) -> str:
    near = get_close_matches(name, declared, n=1, cutoff=0.6) if len(name) <= _LONGEST_NAME else []
    if near:
        return f"; is {near[0]} meant?"
    return f"; there are {', '.join(declared)}" if len(declared) <= _FIELDS_SHOWN else ""


def place(path: Path) -> str:
    """Return where something stands as the API server writes it, such as spec.clientMetadata.redirect_uris[0]."""
    said = "".join(f"[{part}]" if isinstance(part, int) else f".{cleaned(part, limit=80)}" for part in path)
    return said.removeprefix(".")
