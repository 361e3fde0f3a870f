"""Reads the golden files: records as an operator stored them."""

import base64
import json
from pathlib import Path
from typing import Any, Final

from oauthclient_operator.oauth.json_object import JSON
from oauthclient_operator.record.envelope import Stored, read

GOLDEN: Final = Path(__file__).parent / "golden"
SCHEMA1: Final = GOLDEN / "schema1"
SCHEMA2: Final = GOLDEN / "schema2"
NEWER: Final = ("newer-schema", "raw-answer")
"""Secrets whose record follows a later schema."""
READABLE: Final = sorted({path.stem for path in SCHEMA1.glob("*.json")} - set(NEWER))
"""All others of schema 1, by name."""


def shown(name: str, schema: Path = SCHEMA1) -> dict[str, Any]:
    """Return a golden file as it is shown: what is under `data` is not encoded."""
    found: dict[str, Any] = json.loads((schema / f"{name}.json").read_text(encoding="utf-8"))
    return found


def secret(name: str, schema: Path = SCHEMA1) -> dict[str, Any]:
    """Return the Secret as the API server returns it."""
    body = shown(name, schema)
    record = json.dumps(body["data"]["record"], ensure_ascii=False, separators=(",", ":"))
    texts = {**body["data"], "record": record}
    return {**body, "data": {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}}


def stored(name: str, schema: Path = SCHEMA1) -> Stored:
    """Return the record as production code reads it, and which version of the Secret that was."""
    return read(secret(name, schema))


def members(secret: dict[str, Any]) -> dict[str, JSON]:
    """Return the record's JSON in a Secret that production code wrote."""
    found: dict[str, JSON] = json.loads(base64.b64decode(secret["data"]["record"]))
    return found
