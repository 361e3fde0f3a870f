"""What the operator writes for one client, seen on the API server, as documents that the bare client sends in its turn.

So both sides write the same bytes, but for names.
"""

import base64
import json
from contextlib import aclosing
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from oauthclient_operator.names import FINALIZER, RECORD_KEY, RECORD_TYPE, RECORDS_NAMESPACE
from oauthclient_operator.plan.registration import REHEARSED_VALUE

from .api import API, Body, resources, secrets

FLOOR_LABEL = "bench.oauth-operator.dev/floor"
"""On the bare client's records, so that they can be told from the operator's and removed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """The five writes, the dry run and the POST for one client, whose names stand in `name`, `uid` and `client_id`."""

    name: str
    namespace: str
    uid: str
    client_id: str
    registration_endpoint: str
    metadata: Body
    finalizers: list[str]
    rehearsal: Body
    claim: Body
    claimed: str
    """The record when it is claimed, as text."""
    answer: Body
    answered: str
    """The record with the answer, as text."""
    secret: Body
    status: Body

    @classmethod
    async def learned(cls, api: API, namespace: str, name: str, *, since: str, endpoint: str) -> Self:
        """Read what the operator wrote for that client after the resourceVersion `since`."""
        resource = await api.request("GET", resources(namespace, name))
        uid = resource["metadata"]["uid"]
        records: list[Body] = []
        selector = f"metadata.name={uid}"
        async with aclosing(api.watch(secrets(RECORDS_NAMESPACE), since, fieldSelector=selector)) as events:
            async for _, event in events:
                records.append(event["object"])
                if len(records) == 2:
                    break
        secret = _manifest(await api.request("GET", secrets(namespace, name)))
        texts = [base64.b64decode(record["data"].pop(RECORD_KEY)).decode() for record in records]
        claim, answer = map(_manifest, records)
        claim["metadata"]["labels"][FLOOR_LABEL] = "yes"
        return cls(
            name=name,
            namespace=namespace,
            uid=uid,
            client_id=resource["status"]["clientID"],
            registration_endpoint=endpoint,
            metadata=resource["spec"]["clientMetadata"],
            finalizers=[FINALIZER],
            rehearsal={**secret, "data": dict.fromkeys(secret["data"], REHEARSED_VALUE)},
            claim=claim,
            claimed=texts[0],
            answer={"metadata": {key: answer["metadata"].get(key, {}) for key in ("labels", "annotations")}},
            answered=texts[1],
            secret=secret,
            status=resource["status"],
        )

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read a script from its file."""
        return cls(**json.loads(file.read_text()))

    def write(self, file: Path) -> None:
        """Write it where another process reads it."""
        file.write_text(json.dumps(asdict(self)))


def record_data(text: str) -> dict[str, str]:
    """Return a record's text as a Secret's data."""
    return {RECORD_KEY: base64.b64encode(text.encode()).decode()}


def _manifest(secret: Body) -> Body:
    """Return what was written of a Secret, without what the API server added."""
    given = ("name", "namespace", "labels", "annotations", "ownerReferences")
    metadata = {key: value for key, value in secret["metadata"].items() if key in given}
    kept: Body = {key: secret[key] for key in ("apiVersion", "kind", "type", "data") if key in secret}
    if kept.get("type") == RECORD_TYPE:
        kept["data"] = {}
    return {"apiVersion": "v1", "kind": "Secret", **kept, "metadata": metadata}
