"""The published Secret as a thing to write: created with what it should hold, or amended by what it lacks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Final

from . import names
from .oauth.json_object import JSON
from .resource.oauth_client import OAuthClient
from .resource.publication import Publication
from .resource.secret import Secret
from .resource.secret_metadata import CopiedMetadata

KEYS_ANNOTATION: Final = f"{names.GROUP}/keys"
LABELS_ANNOTATION: Final = f"{names.GROUP}/labels"
ANNOTATIONS_ANNOTATION: Final = f"{names.GROUP}/annotations"
"""On the published Secret: what was written there, so that what is renamed or left out goes, and a user's own stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSecret:
    """A Secret to create, owned by the resource; `data` is base64 text."""

    namespace: str
    name: str
    owner_name: str
    owner_uid: str
    labels: Mapping[str, str]
    annotations: Mapping[str, str] = field(repr=False)
    data: Mapping[str, str] = field(repr=False)

    def to_json(self) -> dict[str, JSON]:
        """Return its manifest."""
        return {
            "apiVersion": "v1",
            "kind": "Secret",
            "type": "Opaque",
            "metadata": {
                "name": self.name,
                "namespace": self.namespace,
                "labels": {**self.labels},
                "annotations": {**self.annotations},
                # No blockOwnerDeletion: OpenShift would ask for the right to update the owner's finalizers.
                "ownerReferences": [
                    {
                        "apiVersion": names.API_VERSION,
                        "kind": names.KIND,
                        "name": self.owner_name,
                        "uid": self.owner_uid,
                        "controller": True,
                    }
                ],
            },
            "data": {**self.data},
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Amendment:
    """What a Secret lacks, for the version that was read and no later one; None takes what stands there away."""

    namespace: str
    name: str
    uid: str
    resource_version: str
    labels: Mapping[str, str | None] = field(default_factory=dict)
    annotations: Mapping[str, str | None] = field(default_factory=dict, repr=False)
    data: Mapping[str, str | None] = field(default_factory=dict, repr=False)

    def to_json(self) -> dict[str, JSON]:
        """Return its merge patch."""
        metadata: dict[str, JSON] = {"uid": self.uid, "resourceVersion": self.resource_version}
        if self.labels:
            metadata["labels"] = {**self.labels}
        if self.annotations:
            metadata["annotations"] = {**self.annotations}
        return {"metadata": metadata, **({"data": {**self.data}} if self.data else {})}


def is_owned(secret: Secret, uid: str) -> bool:
    """Whether the Secret is this very resource's, by its owner reference and its type."""
    return secret.type == "Opaque" and any(
        kind == names.KIND and version.startswith(f"{names.GROUP}/") and owner == uid
        for version, kind, owner in secret.owners
    )


def new_secret(resource: OAuthClient, publication: Publication, data: Mapping[str, str]) -> NewSecret:
    """Return the Secret to create."""
    asked = publication.metadata or CopiedMetadata()
    return NewSecret(
        namespace=resource.namespace,
        name=publication.secret_name,
        owner_name=resource.name,
        owner_uid=resource.uid,
        labels=_labels(asked),
        annotations=_annotations(asked, data),
        data=data,
    )


def amendment(
    resource: OAuthClient, secret: Secret, publication: Publication, data: Mapping[str, str]
) -> Amendment | None:
    """Return what makes the Secret hold what it should, or None if it does.

    Keys, labels and annotations that are not ours stay as they are.
    """
    asked = publication.metadata if publication.metadata is not None else _given(secret)
    written = {*names.PUBLISHED_KEYS, *_list(secret, KEYS_ANNOTATION)}
    memory = {LABELS_ANNOTATION, ANNOTATIONS_ANNOTATION, *_list(secret, ANNOTATIONS_ANNOTATION)}
    found = Amendment(
        namespace=resource.namespace,
        name=secret.name,
        uid=secret.uid,
        resource_version=secret.resource_version,
        labels=_changes(secret.labels, _labels(asked), _list(secret, LABELS_ANNOTATION)),
        annotations=_changes(secret.annotations, _annotations(asked, data), memory),
        data=_changes(secret.data, data, written),
    )
    return found if found.labels or found.annotations or found.data else None


def _changes(there: Mapping[str, str], wanted: Mapping[str, str], ours: Collection[str]) -> dict[str, str | None]:
    """Return what to set, and as null what of ours has to go."""
    changes: dict[str, str | None] = {k: v for k, v in wanted.items() if there.get(k) != v}
    return changes | dict.fromkeys(k for k in there if k in ours and k not in wanted)


def _labels(asked: CopiedMetadata) -> dict[str, str]:
    return {**asked.labels, names.MANAGED_BY_LABEL: names.OPERATOR}


def _annotations(asked: CopiedMetadata, data: Mapping[str, str]) -> dict[str, str]:
    lists = {KEYS_ANNOTATION: data, LABELS_ANNOTATION: asked.labels, ANNOTATIONS_ANNOTATION: asked.annotations}
    return {**asked.annotations, **{name: ",".join(sorted(listed)) for name, listed in lists.items() if listed}}


def _given(secret: Secret) -> CopiedMetadata:
    """Return what the Secret was given before, as it is there now."""
    labels, annotations = _list(secret, LABELS_ANNOTATION), _list(secret, ANNOTATIONS_ANNOTATION)
    return CopiedMetadata(
        labels={k: v for k, v in secret.labels.items() if k in labels},
        annotations={k: v for k, v in secret.annotations.items() if k in annotations},
    )


def _list(secret: Secret, annotation: str) -> frozenset[str]:
    # What a person wrote there must not make us remove what says what is ours.
    listed = frozenset((secret.annotations.get(annotation) or "").split(","))
    return frozenset(key for key in listed if not key.startswith(f"{names.GROUP}/")) - {names.MANAGED_BY_LABEL}
