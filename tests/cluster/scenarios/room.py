"""A tenant's namespace as a test sees it: what is applied there, what the operator says of it, and what it wrote down."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx

from oauthclient_operator import names
from oauthclient_operator.record import envelope
from oauthclient_operator.record.record import Record
from tests.cluster.admission.account import APPLY_PATCH, MERGE_PATCH, oauth_clients_path, secrets_path
from tests.cluster.scenarios.operators import Operators
from tests.parts.kubectl import Kubectl
from tests.parts.processes import wait_for

Body = dict[str, Any]
WEB: Body = {"client_name": "Web shop", "redirect_uris": ["https://shop.example.com/callback"]}
"""The metadata of a web application, as little of them as can be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """One namespace, and the cluster's administrator in it; whatever waits, waits for what is so or fails with it."""

    namespace: str
    kubectl: Kubectl
    api: httpx.Client
    operators: Operators
    records: str = names.RECORDS_NAMESPACE
    """Where the operator keeps its records."""

    def apply(self, name: str, issuer: str, *, metadata: Body = WEB, **spec: Any) -> str:
        """Apply an OAuthClient, new or changed, and return its UID; `token` is short for the Secret to register with."""
        if (token := spec.pop("token", None)) is not None:
            spec["registration"] = {"initialAccessToken": {"secretRef": {"name": token}}}
        manifest = {
            "apiVersion": names.API_VERSION,
            "kind": names.KIND,
            "metadata": {"name": name, "namespace": self.namespace},
            "spec": {**({} if "issuerRef" in spec else {"issuer": issuer}), "clientMetadata": metadata, **spec},
        }
        return str(self._write(oauth_clients_path(self.namespace, name), manifest)["metadata"]["uid"])

    def annotate(self, name: str, key: str, value: str | None) -> None:
        """Put an annotation on an OAuthClient, or take it off."""
        self._patch(oauth_clients_path(self.namespace, name), {"metadata": {"annotations": {key: value}}})

    def put_secret(self, name: str, *, of_type: str = "Opaque", **data: str) -> None:
        """Apply a Secret of the user's own."""
        manifest = {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": of_type,
            "metadata": {"name": name, "namespace": self.namespace},
            "stringData": data,
        }
        self._write(secrets_path(self.namespace, name), manifest)

    def put_token(self, name: str, issuer: str, token: str, **more: str) -> None:
        """Apply a Secret that holds an initial access token for an issuer; `more` are other keys of it."""
        self.put_secret(name, of_type=names.INITIAL_ACCESS_TOKEN_TYPE, issuer=issuer, token=token, **more)

    def put_statement(self, name: str, issuer: str, statement: str) -> None:
        """Apply a Secret that holds a software statement for an issuer."""
        self.put_secret(name, of_type=names.SOFTWARE_STATEMENT_TYPE, issuer=issuer, software_statement=statement)

    def read(self, name: str) -> Body:
        """Return an OAuthClient."""
        return self._get(oauth_clients_path(self.namespace, name))

    def exists(self, name: str) -> bool:
        """Tell whether there is an OAuthClient of that name."""
        return self.api.get(oauth_clients_path(self.namespace, name)).status_code == 200

    def delete(self, name: str) -> None:
        """Ask for the deletion of an OAuthClient; `wait_until` tells when it is gone."""
        self.api.delete(oauth_clients_path(self.namespace, name)).raise_for_status()

    def wait_for(self, name: str, reason: str, *, kind: str = "Ready", within: float = 20) -> Body:
        """Wait until a condition has that reason for the present generation, and return the resource."""
        found: Body = {}

        def so() -> bool:
            found.update(self.read(name))
            said = condition(found, kind)
            generation = found["metadata"]["generation"]
            return said.get("reason") == reason and said.get("observedGeneration") == generation

        self.wait_until(so, f"{kind} of {name} is {reason}", within=within, seen=lambda: found.get("status"))
        return found

    def wait_until(
        self, so: Callable[[], bool], what: str, *, within: float = 20, seen: Callable[[], object] = lambda: None
    ) -> None:
        """Wait until something is so; the failure shows what was seen last, and the operator's log about it."""
        try:
            wait_for(so, what, within=within)
        except TimeoutError as error:
            raise TimeoutError(
                f"{error}\n{json.dumps(seen(), indent=1)}\n{self.operators.last_lines(self.namespace)}"
            ) from None

    def secret(self, name: str) -> dict[str, str]:
        """Return what an app finds in a Secret."""
        data = self._get(secrets_path(self.namespace, name)).get("data", {})
        return {key: base64.b64decode(value).decode() for key, value in data.items()}

    def has_secret(self, name: str) -> bool:
        """Tell whether there is a Secret of that name."""
        return self.api.get(secrets_path(self.namespace, name)).status_code == 200

    def events(self, name: str) -> list[tuple[str, str, str]]:
        """Return type, reason and note of the Events about an OAuthClient, in their order."""
        listed = self._get(f"/apis/events.k8s.io/v1/namespaces/{self.namespace}/events")["items"]
        about = [event for event in listed if event["regarding"]["name"] == name]
        about.sort(key=lambda event: str(event["eventTime"]))
        return [(event["type"], event["reason"], event["note"]) for event in about]

    def record(self, uid: str) -> Record:
        """Return the registration record of the resource with that UID."""
        return envelope.read(self.read_record(uid)).record

    def read_record(self, uid: str) -> Body:
        """Return the Secret that holds a registration record."""
        return self._get(secrets_path(self.records, uid))

    def has_record(self, uid: str) -> bool:
        """Tell whether there is a registration record for that UID."""
        return self.api.get(secrets_path(self.records, uid)).status_code == 200

    def _get(self, path: str) -> Body:
        body: Body = self.api.get(path).raise_for_status().json()
        return body

    def _patch(self, path: str, change: Body) -> Body:
        answer = self.api.patch(path, content=json.dumps(change), headers={"Content-Type": MERGE_PATCH})
        body: Body = answer.raise_for_status().json()
        return body

    def _write(self, path: str, manifest: Body) -> Body:
        answer = self.api.patch(
            path,
            params={"fieldManager": "a-test", "force": "true"},
            content=json.dumps(manifest),
            headers={"Content-Type": APPLY_PATCH},
        )
        assert answer.is_success, answer.text
        body: Body = answer.json()
        return body


def condition(resource: Body, kind: str = "Ready") -> Body:
    """Return a condition of a resource, empty if it has none of that type."""
    found = (c for c in resource.get("status", {}).get("conditions", []) if c["type"] == kind)
    return next(found, {})


def conditions(resource: Body) -> dict[str, tuple[str, str]]:
    """Return status and reason of each condition."""
    return {c["type"]: (c["status"], c["reason"]) for c in resource["status"]["conditions"]}
