"""What an app gets: the published Secret's content from a registration, whose it is, and what is amiss with it."""

import base64
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from . import names
from .oauth import rfc8705
from .oauth.client_metadata import ClientMetadata
from .oauth.comparison import is_empty
from .oauth.json_object import JSON
from .oauth.rfc7523 import METHODS as ASSERTION_METHODS
from .oauth.rfc7591 import SECRET_METHODS, token_endpoint_auth_method
from .record.model import Client
from .resource.desired import Publication
from .resource.oauth_client import OAuthClient
from .resource.secret_metadata import SecretMetadata

KEYS_ANNOTATION: Final = f"{names.GROUP}/keys"
LABELS_ANNOTATION: Final = f"{names.GROUP}/labels"
ANNOTATIONS_ANNOTATION: Final = f"{names.GROUP}/annotations"
"""On the published Secret: what was written there, so that what is renamed or left out goes, and a user's own stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedSecret:
    """A Secret as it was read, with just what matters for publishing."""

    name: str
    uid: str
    resource_version: str
    type: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(repr=False)
    owners: tuple[tuple[str, str, str], ...]
    """apiVersion, kind and UID of each owner reference."""
    immutable: bool
    data: Mapping[str, str] = field(repr=False)
    """Base64 text, as it is stored."""

    @classmethod
    def parse(cls, secret: Mapping[str, JSON]) -> "PublishedSecret":
        """Read a Secret's JSON."""
        metadata = _object(secret.get("metadata"))
        references = metadata.get("ownerReferences")
        owners = [_object(r) for r in references] if isinstance(references, list) else []
        return cls(
            name=str(metadata.get("name")),
            uid=str(metadata.get("uid")),
            resource_version=str(metadata.get("resourceVersion")),
            type=str(secret.get("type")),
            labels=_texts(metadata.get("labels")),
            annotations=_texts(metadata.get("annotations")),
            owners=tuple((str(o.get("apiVersion")), str(o.get("kind")), str(o.get("uid"))) for o in owners),
            immutable=secret.get("immutable") is True,
            data=_texts(secret.get("data")),
        )


def content(issuer: str, client: Client, publication: Publication) -> dict[str, str]:
    """Return the Secret's data in base64, under the keys that the user chose.

    A client secret is there only if the registered method uses one: servers issue secrets also to public clients. For
    a client that does mutual TLS the endpoints are those that it must use then.
    """
    information = client.information
    asked = client.confirmed or {}
    method = token_endpoint_auth_method(ClientMetadata.confirmed(asked), information)
    # What the server answered, over what was asked: many servers answer with a part only, or with null.
    metadata = {**asked, **{name: value for name, value in information.metadata.items() if not is_empty(value)}}
    facts = {
        "client_id": information.client_id,
        "issuer": issuer,
        "token_endpoint_auth_method": method,
        **rfc8705.preferred(client.endpoints, mutual_tls=rfc8705.does_mutual_tls(method, metadata)),
    }
    algorithm = metadata.get("token_endpoint_auth_signing_alg")
    if method in ASSERTION_METHODS and isinstance(algorithm, str) and algorithm:
        facts["token_endpoint_auth_signing_alg"] = algorithm
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
            "labels": {**_labels(publication.metadata or SecretMetadata())},
            "annotations": {**_annotations(publication.metadata or SecretMetadata(), data)},
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


def amendment(secret: PublishedSecret, publication: Publication, data: Mapping[str, str]) -> dict[str, JSON] | None:
    """Return the merge patch that makes the Secret hold what it should, or None if it does.

    Keys, labels and annotations that are not ours stay as they are.
    """
    asked = publication.metadata if publication.metadata is not None else _given(secret)
    written = {*names.PUBLISHED_KEYS, *_list(secret, KEYS_ANNOTATION)}
    changes = _changes(secret.data, data, written)
    labels = _changes(secret.labels, _labels(asked), _list(secret, LABELS_ANNOTATION))
    memory = {LABELS_ANNOTATION, ANNOTATIONS_ANNOTATION, *_list(secret, ANNOTATIONS_ANNOTATION)}
    annotations = _changes(secret.annotations, _annotations(asked, data), memory)
    metadata: dict[str, JSON] = {}
    if labels:
        metadata["labels"] = labels
    if annotations:
        metadata["annotations"] = annotations
    if not changes and not metadata:
        return None
    # The patch holds for the Secret that was read, and for no later version of it.
    metadata |= {"uid": secret.uid, "resourceVersion": secret.resource_version}
    return {"metadata": metadata, **({"data": changes} if changes else {})}


def _changes(there: Mapping[str, str], wanted: Mapping[str, str], ours: Collection[str]) -> dict[str, JSON]:
    """Return what to set, and as null what of ours has to go."""
    changes: dict[str, JSON] = {k: v for k, v in wanted.items() if there.get(k) != v}
    return changes | dict.fromkeys(k for k in there if k in ours and k not in wanted)


def _labels(asked: SecretMetadata) -> dict[str, str]:
    return {**asked.labels, names.MANAGED_BY_LABEL: names.OPERATOR}


def _annotations(asked: SecretMetadata, data: Mapping[str, str]) -> dict[str, str]:
    lists = {KEYS_ANNOTATION: data, LABELS_ANNOTATION: asked.labels, ANNOTATIONS_ANNOTATION: asked.annotations}
    return {**asked.annotations, **{name: ",".join(sorted(listed)) for name, listed in lists.items() if listed}}


def _given(secret: PublishedSecret) -> SecretMetadata:
    """Return what the Secret was given before, as it is there now."""
    labels, annotations = _list(secret, LABELS_ANNOTATION), _list(secret, ANNOTATIONS_ANNOTATION)
    return SecretMetadata(
        labels={k: v for k, v in secret.labels.items() if k in labels},
        annotations={k: v for k, v in secret.annotations.items() if k in annotations},
    )


def _list(secret: PublishedSecret, annotation: str) -> frozenset[str]:
    # What a person wrote there must not make us remove what says what is ours.
    listed = frozenset((secret.annotations.get(annotation) or "").split(","))
    return frozenset(key for key in listed if not key.startswith(f"{names.GROUP}/")) - {names.MANAGED_BY_LABEL}


def _texts(value: JSON) -> dict[str, str]:
    return {k: v for k, v in _object(value).items() if isinstance(v, str)}


def _object(value: JSON) -> Mapping[str, JSON]:
    return value if isinstance(value, dict) else {}
