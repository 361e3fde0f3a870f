"""The published Secret as a thing to write: created with what it should hold, or amended by what it lacks."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
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

_REMEMBERED: Final = 64


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

    def without(self, unkept: "Unkept") -> "Amendment | None":
        """Return it without the labels and annotations that were written already and did not stay."""
        left = replace(
            self,
            labels={k: v for k, v in self.labels.items() if (k, v) not in unkept.labels},
            annotations={k: v for k, v in self.annotations.items() if (k, v) not in unkept.annotations},
        )
        return left if left.labels or left.annotations or left.data else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unkept:
    """What was written into a Secret and did not stay, be it that admission or another controller changed it.

    Labels and annotations with what was written, None where they were taken away; of the data the keys alone.
    """

    labels: frozenset[tuple[str, str | None]] = frozenset()
    annotations: frozenset[tuple[str, str | None]] = field(default=frozenset(), repr=False)
    data: frozenset[str] = frozenset()

    def __len__(self) -> int:
        """Count them."""
        return len(self.labels) + len(self.annotations) + len(self.data)

    def __or__(self, newer: "Unkept") -> "Unkept":
        """Return both; what a tenant had written over time is forgotten before it can be much."""
        if len(self) + len(newer) > _REMEMBERED:
            return newer
        return Unkept(
            labels=self.labels | newer.labels,
            annotations=self.annotations | newer.annotations,
            data=self.data | newer.data,
        )


def unkept(write: NewSecret | Amendment, written: Secret) -> Unkept:
    """Return what of a write that was accepted is not in the Secret that came back."""
    return Unkept(
        labels=frozenset(item for item in write.labels.items() if written.labels.get(item[0]) != item[1]),
        annotations=frozenset(
            item for item in write.annotations.items() if written.annotations.get(item[0]) != item[1]
        ),
        data=frozenset(key for key, value in write.data.items() if written.data.get(key) != value),
    )


def cosmetics(write: NewSecret | Amendment) -> Unkept:
    """Return the labels and annotations of a write, as what will not have stayed if they are lacking again."""
    return Unkept(labels=frozenset(write.labels.items()), annotations=frozenset(write.annotations.items()))


def is_owned(secret: Secret, uid: str) -> bool:
    """Whether the Secret is this very resource's, by its owner reference and its type."""
    return secret.type == "Opaque" and any(
        kind == names.KIND and version.startswith(f"{names.GROUP}/") and owner == uid
        for version, kind, owner in secret.owners
    )


def edition_of(secret: Secret) -> int:
    """Return the number of what is published there; what is no number of ours counts as none."""
    written = secret.annotations.get(names.EDITION_ANNOTATION, "")
    return int(written) if written.isascii() and written.isdigit() and len(written) < 10 else 0


def taken_keys(secret: Secret, publication: Publication) -> frozenset[str]:
    """Return where credentials would be published, and something is that we did not write: its user's own."""
    signing = names.PUBLISHED_SIGNING_KEY if publication.own_keys else ()
    listed = listed_keys(secret)
    facts = (*names.PUBLISHED_CLIENT_SECRET, *signing) if listed else signing
    return frozenset({publication.keys.get(fact, fact) for fact in facts} & secret.data.keys() - listed)


def taken_further(secret: Secret, publication: Publication, data: Mapping[str, str]) -> frozenset[str]:
    """Return the keys of templates and all that are no credentials, where something else is its user's own."""
    listed = listed_keys(secret)
    further = data.keys() if listed else frozenset[str]()
    apart = {
        publication.keys.get(fact, fact) for fact in (*names.PUBLISHED_CLIENT_SECRET, *names.PUBLISHED_SIGNING_KEY)
    }
    unlisted = (further - apart | publication.template.keys()) & secret.data.keys() - listed
    return frozenset(key for key in unlisted if secret.data[key] != data.get(key))


def key_shown(secret: Secret, publication: Publication) -> str | None:
    """Return the name of the key of ours that is published there, by the Secret's own list, or None without one."""
    place = publication.keys.get("key_id", "key_id")
    try:
        return secret.value(place) if place in _list(secret, KEYS_ANNOTATION) else None
    except ValueError:
        return None


def listed_keys(secret: Secret) -> frozenset[str]:
    """Return the keys of a Secret that are ours by its own list: an older operator made none, and none an empty one."""
    return _list(secret, KEYS_ANNOTATION) - {""}


def new_secret(resource: OAuthClient, publication: Publication, data: Mapping[str, str], edition: int = 1) -> NewSecret:
    """Return the Secret to create; `edition` is the number of what it publishes."""
    asked = publication.metadata or CopiedMetadata()
    return NewSecret(
        namespace=resource.namespace,
        name=publication.secret_name,
        owner_name=resource.name,
        owner_uid=resource.uid,
        labels=_labels(asked),
        annotations=_annotations(asked, data, edition),
        data=data,
    )


def amendment(
    resource: OAuthClient, secret: Secret, publication: Publication, data: Mapping[str, str], edition: int = 1
) -> Amendment | None:
    """Return what makes the Secret hold what it should, or None if it does.

    Keys, labels and annotations that are not ours stay as they are, and so does a template's key of ours that cannot be
    filled in now: pods may mount it.
    """
    data = _beside_own(secret, publication, data)
    asked = publication.metadata if publication.metadata is not None else _given(secret)
    # Of older operators there is no list. None of them wrote a private key.
    before = {*names.PUBLISHED_KEYS} - {*names.PUBLISHED_SIGNING_KEY}
    written = listed_keys(secret) or before
    # A number that somebody wrote where there is none yet would make the next pair look older than it.
    ours = {LABELS_ANNOTATION, ANNOTATIONS_ANNOTATION, names.EDITION_ANNOTATION}
    memory = {*ours, *_list(secret, ANNOTATIONS_ANNOTATION)}
    found = Amendment(
        namespace=resource.namespace,
        name=secret.name,
        uid=secret.uid,
        resource_version=secret.resource_version,
        labels=_changes(secret.labels, _labels(asked), _list(secret, LABELS_ANNOTATION)),
        annotations=_changes(secret.annotations, _annotations(asked, data, edition), memory),
        data=_changes(secret.data, data, written),
    )
    return found if found.labels or found.annotations or found.data else None


def _beside_own(secret: Secret, publication: Publication, data: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is to be published without what would take a user's own key, and with what is left as it is."""
    taken, listed = taken_further(secret, publication, data), listed_keys(secret)
    stay = ({*publication.template} - data.keys() | publication.left) & listed & secret.data.keys()
    return {k: v for k, v in data.items() if k not in taken} | {key: secret.data[key] for key in stay}


def _changes(there: Mapping[str, str], wanted: Mapping[str, str], ours: Collection[str]) -> dict[str, str | None]:
    """Return what to set, and as null what of ours has to go."""
    changes: dict[str, str | None] = {k: v for k, v in wanted.items() if there.get(k) != v}
    return changes | dict.fromkeys(k for k in there if k in ours and k not in wanted)


def _labels(asked: CopiedMetadata) -> dict[str, str]:
    return {**asked.labels, names.MANAGED_BY_LABEL: names.OPERATOR}


def _annotations(asked: CopiedMetadata, data: Mapping[str, str], edition: int = 1) -> dict[str, str]:
    lists = {KEYS_ANNOTATION: data, LABELS_ANNOTATION: asked.labels, ANNOTATIONS_ANNOTATION: asked.annotations}
    ours = {name: ",".join(sorted(listed)) for name, listed in lists.items() if listed}
    # The first one says nothing, as those do that an older operator made.
    numbered = {names.EDITION_ANNOTATION: str(edition)} if edition > 1 else {}
    return {**asked.annotations, **ours, **numbered}


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
