"""What the golden files of schema 2 have to be; `python -m tests.pure.record.schema2` writes them so."""

import functools
import json
from collections.abc import Mapping
from typing import Any, Final

from oauthclient_operator import names
from oauthclient_operator.record.envelope import Stored, manifest
from tests.pure.record import key_records
from tests.pure.record.places import Place, places
from tests.pure.record.schema2_records import RECORDS
from tests.pure.record.stored_secrets import READABLE, SCHEMA2, members, shown, stored

CONVERTED: Final[Mapping[str, Stored]] = {name: stored(name) for name in READABLE}
"""Records of schema 1, as they were read."""
OWN: Final[Mapping[str, Stored]] = {
    name: Stored(record=record, uid="5e9b4c1e-6d0c-4c8e-9c3f-0b1d2f3a4c5d", resource_version="7")
    for name, record in {**RECORDS, **key_records.RECORDS}.items()
}
"""Records that only schema 2 can say."""
ALL: Final[Mapping[str, Stored]] = {**CONVERTED, **OWN}

OF_OTHERS: Final = frozenset({"members", "metadata", "endpoints"})
"""Members whose own members are named by servers and specs, not by us."""
WHOLE: Final = (
    "everything",
    "update-open",
    "deregister-open",
    "refused-where-it-worked-before",
    "key-opening",
    "key-born",
    "key-refused",
    "key-leaving",
    "key-one-only",
    "ends-at-expiry",
    "replacement-tried-by-an-update",
    "replacement-without-effect-for-reasons",
    "register-never-secured",
    "register-open-with-software-statement",
    "register-with-the-statement-of-before",
    "registered-with-software-statement",
    "reads-unresolved",
    "adoption-offered",
    "adoption-proven",
    "adoption-refused",
    "adoption-unproven",
    "key-handed-over",
    "key-handed-over-after-another",
    "adopted",
    "everything-of-a-replacement",
    "given-out-again",
    "dated-by-its-server",
    "passed-on",
    "reached-as-an-issuer-resource-says",
    "admitted-by-an-issuer-resource",
    "managed-by-access",
    "managed-by-access-absent",
    "managed-by-access-reading",
    "managed-by-access-updating",
    "managed-by-nothing",
)
"""Records that have every other member."""


@functools.cache
def of_today(name: str) -> dict[str, Any]:
    """Return a stored record without the members of a later version."""
    record: dict[str, Any] = shown(name, SCHEMA2)["data"]["record"]
    return {key: value for key, value in record.items() if key not in ALL[name].record.unknown}


def whole(name: str) -> list[Place]:
    """Return the place of every member that is ours."""
    return [*places(of_today(name), OF_OTHERS)]


def is_later(name: str) -> bool:
    """Whether it is a label or an annotation that is written since these files were: they have it not, and stay."""
    later = (names.EXPIRES_ANNOTATION, names.SECRET_SINCE_ANNOTATION, names.TOLD_ANNOTATION)
    return name in later or name.startswith(names.IDENTIFIER_LABEL_PREFIX)


def written(stored: Stored) -> dict[str, Any]:
    """Return the Secret that production code writes, shown as the golden files are."""
    secret: dict[str, Any] = manifest(stored.record, names.RECORDS_NAMESPACE)
    metadata: dict[str, Any] = secret["metadata"]
    for said in ("labels", "annotations"):
        metadata[said] = {name: value for name, value in metadata[said].items() if not is_later(name)}
    place = {key: metadata.pop(key) for key in ("name", "namespace")}
    version = {"uid": stored.uid, "resourceVersion": stored.resource_version}
    return {**secret, "metadata": {**place, **version, **metadata}, "data": {names.RECORD_KEY: members(secret)}}


def text(stored: Stored) -> str:
    """Return the text of a golden file."""
    return json.dumps(written(stored), ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    for path in SCHEMA2.glob("*.json"):
        path.unlink()
    for name, entry in ALL.items():
        (SCHEMA2 / f"{name}.json").write_text(text(entry), encoding="utf-8")


if __name__ == "__main__":
    main()
