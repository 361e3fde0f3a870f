"""A service account that asks the API server itself: kubectl reads before it patches, and rights are about one request."""

import json
import ssl
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

import httpx

from tests.cluster.admission.manifests import API_VERSION

MERGE_PATCH = "application/merge-patch+json"
JSON_PATCH = "application/json-patch+json"
APPLY_PATCH = "application/apply-patch+yaml"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the API server said: the HTTP status, and the object, or a Status with a message."""

    status: int
    body: dict[str, Any]

    @property
    def message(self) -> str:
        return str(self.body.get("message", ""))


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One user of one API server."""

    url: str
    authority: Path
    token: str = field(repr=False)

    @classmethod
    def of(cls, kubeconfig: Path, *, authority: Path) -> Self:
        content = json.loads(kubeconfig.read_text())
        token = content["users"][0]["user"]["token"]
        return cls(url=content["clusters"][0]["cluster"]["server"], authority=authority, token=token)

    def ask(
        self, method: str, path: str, body: Any = None, *, of_type: str = "application/json", **query: str
    ) -> Answer:
        """Send one request and return what came back, whatever it is."""
        answer = httpx.request(
            method,
            self.url + path,
            params=query,
            content=None if body is None else json.dumps(body),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": of_type},
            verify=ssl.create_default_context(cafile=self.authority),
            trust_env=False,
            timeout=30,
        )
        return Answer(status=answer.status_code, body=answer.json())

    def patch(self, path: str, body: Any, *, of_type: str = MERGE_PATCH, **query: str) -> Answer:
        """Send one PATCH, by default a merge patch."""
        return self.ask("PATCH", path, body, of_type=of_type, **query)


def secrets_path(namespace: str, name: str = "") -> str:
    """Return the path of the Secrets of a namespace, or of one of them."""
    return f"/api/v1/namespaces/{namespace}/secrets" + (f"/{name}" if name else "")


def issuers_path(name: str = "") -> str:
    """Return the path of all ClusterOAuthIssuers, or of one of them."""
    return f"/apis/{API_VERSION}/clusteroauthissuers" + (f"/{name}" if name else "")


def oauth_clients_path(namespace: str, name: str = "") -> str:
    """Return the path of the OAuthClients of a namespace, or of one of them."""
    return f"/apis/{API_VERSION}/namespaces/{namespace}/oauthclients" + (f"/{name}" if name else "")
