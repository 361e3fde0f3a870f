"""What an app gets: the published Secret's content from a registration, whose it is, and what is amiss with it."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from . import names
from .oauth.client_metadata import ClientMetadata
from .oauth.json_object import JSON
from .oauth.rfc7591 import SECRET_METHODS, token_endpoint_auth_method
from .record.model import Client
from .resource.desired import Publication
from .resource.oauth_client import OAuthClient

KEYS_ANNOTATION: Final = f"{names.GROUP}/keys"
"""On the published Secret: the keys that were written, so that a renamed one goes and a user's own stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSecret:
    """A Secret as it was read, with just what matters for publishing."""

    name: str
    uid: str
    resource_version: str
    type: str
    managed_by: str | None
    owners: tuple[tuple[str, str, str], ...]
    """apiVersion, kind and UID of each owner reference."""
    keys: str | None
    immutable: bool
    data: Mapping[str, str] = field(repr=False)
    """Base64 text, as it is stored."""

    @classmethod
    def parse(cls, secret: Mapping[str, JSON]) -> "PublishedSecret":
        """Read a Secret's JSON."""
        metadata = _object(secret.get("metadata"))
        references = metadata.get("ownerReferences")
        owners = [_object(r) for r in references] if isinstance(references, list) else []
        managed_by = _object(metadata.get("labels")).get(names.MANAGED_BY_LABEL)
        keys = _object(metadata.get("annotations")).get(KEYS_ANNOTATION)
        return cls(
            name=str(metadata.get("name")),
            uid=str(metadata.get("uid")),
            resource_version=str(metadata.get("resourceVersion")),
            type=str(secret.get("type")),
            managed_by=managed_by if isinstance(managed_by, str) else None,
            owners=tuple((str(o.get("apiVersion")), str(o.get("kind")), str(o.get("uid"))) for o in owners),
            keys=keys if isinstance(keys, str) else None,
            immutable=secret.get("immutable") is True,
            data={k: v for k, v in _object(secret.get("data")).items() if isinstance(v, str)},
        )


def content(issuer: str, client: Client, publication: Publication) -> dict[str, str]:
    """Return the Secret's data in base64, under the keys that the user chose.

    A client secret is there only if the registered method uses one: servers issue secrets also to public clients.
    """
    information = client.information
    method = token_endpoint_auth_method(ClientMetadata.confirmed(client.confirmed or {}), information)
    facts = {
        "client_id": information.client_id,
        "issuer": issuer,
        "token_endpoint_auth_method": method,
        **client.endpoints,
    }
    if method in SECRET_METHODS and information.client_secret is not None:
        facts["client_secret"] = information.client_secret.reveal()
    return {publication.keys.get(k, k): base64.b64encode(v.encode()).decode() for k, v in sorted(facts.items())}


def is_owned(secret: PublishedSecret, uid: str) -> bool:
    """Whether the Secret is this very resource's, by its owner reference and its type."""
    return secret.type == "Opaque" and any(
        kind == names.KIND and version.startswith(f"{names.GROUP}/") and owner == uid
        for version, kind, owner in secret.owners
    )


def manifest(resource: OAuthClient, publication: Publication, data: Mapping[str, str]) -> dict[str, JSON]:
    """Return the Secret to create."""
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "type": "Opaque",
        "metadata": {
            "name": publication.secret_name,
            "namespace": resource.namespace,
            "labels": {names.MANAGED_BY_LABEL: names.OPERATOR},
            "annotations": {KEYS_ANNOTATION: _keys(data)},
            # No blockOwnerDeletion: OpenShift would ask for the right to update the owner's finalizers.
            "ownerReferences": [
                {
                    "apiVersion": names.API_VERSION,
                    "kind": names.KIND,
                    "name": resource.name,
                    "uid": resource.uid,
                    "controller": True,
                }
            ],
        },
        "data": {**data},
    }


def amendment(secret: PublishedSecret, data: Mapping[str, str]) -> dict[str, JSON] | None:
    """Return the merge patch that makes the Secret hold what it should, or None if it does.

    Keys, labels and annotations that are not ours stay as they are.
    """
    ours = {*names.PUBLISHED_KEYS, *(secret.keys or "").split(",")}
    changes: dict[str, JSON] = {k: v for k, v in data.items() if secret.data.get(k) != v}
    changes |= dict.fromkeys(k for k in secret.data if k in ours and k not in data)
    metadata: dict[str, JSON] = {}
    if secret.managed_by != names.OPERATOR:
        metadata["labels"] = {names.MANAGED_BY_LABEL: names.OPERATOR}
    if secret.keys != _keys(data):
        metadata["annotations"] = {KEYS_ANNOTATION: _keys(data)}
    if not changes and not metadata:
        return None
    # The patch holds for the Secret that was read, and for no later version of it.
    metadata |= {"uid": secret.uid, "resourceVersion": secret.resource_version}
    return {"metadata": metadata, **({"data": changes} if changes else {})}


def _keys(data: Mapping[str, str]) -> str:
    return ",".join(sorted(data))


def _object(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}
