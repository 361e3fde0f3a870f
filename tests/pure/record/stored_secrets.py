"""Reads the golden files: records as an operator stored them."""

import base64
import json
from pathlib import Path
from typing import Any, Final

from oauthclient_operator.record.envelope import read
from oauthclient_operator.record.model import Record

SCHEMA1: Final = Path(__file__).parent / "golden" / "schema1"
NEWER: Final = ("newer-schema", "raw-answer")
"""Secrets whose record follows a later schema."""
READABLE: Final = sorted({path.stem for path in SCHEMA1.glob("*.json")} - set(NEWER))
"""All others, by name."""


def shown(name: str) -> dict[str, Any]:
    """Return a golden file as it is shown: what is under `data` is not encoded."""
    found: dict[str, Any] = json.loads((SCHEMA1 / f"{name}.json").read_text(encoding="utf-8"))
    return found


def secret(name: str) -> dict[str, Any]:
    """Return the Secret as the API server returns it."""
    body = shown(name)
    record = json.dumps(body["data"]["record"], ensure_ascii=False, separators=(",", ":"))
    texts = {**body["data"], "record": record}
    return {**body, "data": {key: base64.b64encode(text.encode()).decode() for key, text in texts.items()}}


def record(name: str) -> Record:
    """Return the record as production code reads it."""
    return read(secret(name)).record
