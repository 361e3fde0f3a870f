"""What an operator of version 0.1.0 left in a cluster: golden records of schema 1, beside what belongs to each."""

import base64
import json
import re
import uuid
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from oauthclient_operator import names
from oauthclient_operator.record.summary import older_client_label
from tests.cluster.admission.account import oauth_clients_path, secrets_path
from tests.cluster.scenarios.room import Body, Room
from tests.parts.misbehaving_issuer import MisbehavingIssuer
from tests.pure.record import stored_secrets

_BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
"""When the lives in the golden files begin."""
_TIME = re.compile(r"2026-01-0\d\w[\d:.]+\+00:00")
_ISSUER = "https://issuer.example"


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredBefore:
    """One resource's record, and the issuer that knows its clients."""

    room: Room
    issuer: MisbehavingIssuer
    name: str
    uid: str

    def body(self) -> Body:
        """Return the record's JSON as it is stored now."""
        data = self.room.read_record(self.uid)["data"]
        body: Body = json.loads(base64.b64decode(data[names.RECORD_KEY]))
        return body

    def versions(self) -> list[str]:
        """Return the resourceVersion of everything that is there of it."""
        paths = (
            oauth_clients_path(self.room.namespace, self.name),
            secrets_path(self.room.namespace, self.name),
            secrets_path(names.RECORDS_NAMESPACE, self.uid),
        )
        answers = [self.room.api.get(path) for path in paths]
        return [a.json()["metadata"]["resourceVersion"] for a in answers if a.status_code == 200]


def store(
    room: Room, issuer: MisbehavingIssuer, golden: str, name: str, *, ago: timedelta, **spec: Any
) -> StoredBefore:
    """Put a golden record into the cluster, begun so long ago, with the resource, the Secret and the status it led to.

    Of one that was released there is no resource; of one whose client is published there is also what was written about
    that, so that there is nothing left to do.
    """
    shown = _moved(stored_secrets.shown(golden), issuer, ago)
    record = shown["data"]["record"]
    clients = record.get("clients", [])
    issuer.clients |= {c["information"]["client_id"]: c["information"] for c in clients if "deregistered_at" not in c}
    published = next((c for c in clients if c["key"] == record.get("current")), None)
    uid = str(uuid.uuid4())
    if "released" not in record:
        asked = published["confirmed"] if published is not None else record["attempts"][-1]["metadata"]
        uid = room.apply(name, issuer.issuer, metadata=asked, **spec)
        room._patch(oauth_clients_path(room.namespace, name), {"metadata": {"finalizers": [names.FINALIZER]}})
    kube_system = room.api.get("/api/v1/namespaces/kube-system").raise_for_status().json()["metadata"]["uid"]
    record["subject"] = {"cluster_uid": kube_system, "namespace": room.namespace, "name": name, "uid": uid}
    record["secrets"] = [name for _ in record["secrets"]]
    _create_record(room, shown, clients, uid)
    if published is not None and "released" not in record:
        _publish(room, issuer, name, uid, published, [a for a in record["attempts"] if a.get("outcome") == "ambiguous"])
    return StoredBefore(room=room, issuer=issuer, name=name, uid=uid)


def _moved(shown: Body, issuer: MisbehavingIssuer, ago: timedelta) -> Body:
    """Return a golden file's content at another time and another issuer."""
    later = datetime.now(UTC).replace(microsecond=0) - ago - _BEGAN
    text = json.dumps(shown).replace(f"{_ISSUER}/register", issuer.server.url("/reg")).replace(_ISSUER, issuer.issuer)
    moved: Body = json.loads(_TIME.sub(lambda at: (datetime.fromisoformat(at[0]) + later).isoformat(), text))
    return moved


def _create_record(room: Room, shown: Body, clients: list[Body], uid: str) -> None:
    metadata = shown["metadata"]
    uris = [c["information"].get("registration_client_uri", "") for c in clients]
    held = [value for key, value in metadata["labels"].items() if key.startswith(names.CLIENT_LABEL_PREFIX)]
    known = [uri for uri, client in zip(uris, clients, strict=True) if uri and "deregistered_at" not in client]
    labels = {
        names.STATE_LABEL: metadata["labels"][names.STATE_LABEL],
        names.NAMESPACE_LABEL_PREFIX + room.namespace: "",
        **{older_client_label(uri): value for uri, value in zip(known, held, strict=True)},
    }
    body = json.dumps(shown["data"]["record"], ensure_ascii=False, separators=(",", ":"))
    manifest = {
        "type": shown["type"],
        "metadata": {"name": uid, "labels": labels, "annotations": metadata["annotations"]},
        "data": {names.RECORD_KEY: base64.b64encode(body.encode()).decode()},
    }
    room.api.post(secrets_path(names.RECORDS_NAMESPACE), json=manifest).raise_for_status()


def _publish(room: Room, issuer: MisbehavingIssuer, name: str, uid: str, client: Body, suspects: list[Body]) -> None:
    """Write the published Secret and the status as they were written then."""
    information = client["information"]
    method = client["confirmed"]["token_endpoint_auth_method"]
    data = {
        "client_id": information["client_id"],
        "issuer": issuer.issuer,
        "token_endpoint_auth_method": method,
        **client["endpoints"],
        **({} if method == "none" else {"client_secret": information["client_secret"]}),
    }
    owner = {"apiVersion": names.API_VERSION, "kind": names.KIND, "name": name, "uid": uid, "controller": True}
    manifest = {
        "type": "Opaque",
        "metadata": {
            "name": name,
            "labels": {"app.kubernetes.io/managed-by": "oauthclient-operator"},
            "annotations": {"oauth-operator.dev/keys": ",".join(sorted(data))},
            "ownerReferences": [owner],
        },
        "stringData": data,
    }
    secret = room.api.post(secrets_path(room.namespace), json=manifest).raise_for_status().json()["metadata"]
    manageable = "registration_access_token" in information
    quoted = f'"{information["client_id"]}"'
    status = {
        "observedGeneration": 1,
        "clientID": information["client_id"],
        "secret": {key: secret[key] for key in ("name", "uid", "resourceVersion")},
        "registration": {"registeredAt": _rfc3339(client["registered_at"]), "manageable": manageable},
        "conditions": [
            _condition("Ready", "Registered", f"registered as client {quoted}"),
            _condition("Registered", "Registered", f"client {quoted} is registered"),
            _condition("SecretPublished", "Published", f"Secret {name} holds the credentials"),
        ],
    }
    if suspects:
        status["suspectedOrphans"] = [
            {
                "attempt": a["number"],
                "issuer": a["issuer"],
                "sentAt": _rfc3339(a["sent_at"]),
                "until": _rfc3339(a["until"]),
            }
            for a in suspects
        ]
    room._patch(oauth_clients_path(room.namespace, name) + "/status", {"status": status})


def _condition(kind: str, reason: str, message: str) -> Body:
    since = "2026-01-01T00:00:00Z"
    return {
        "type": kind,
        "status": "True",
        "reason": reason,
        "message": message,
        "lastTransitionTime": since,
        "observedGeneration": 1,
    }


def _rfc3339(time: str) -> str:
    return datetime.fromisoformat(time).replace(microsecond=0).strftime("%Y-%m-%dT%H:%M:%SZ")
