"""By which terms the clients of each ClusterOAuthIssuer go, as this process accepted them, and who waits for some."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from .. import names
from ..record.summary import Summary
from ..resource.allowed import Allowed
from ..resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ..resource.dialect import Management
from ..resource.issuer_reference import IssuerReference
from ..resource.json_path import child, text
from ..resource.key import Key
from ..resource.oauth_client import OAuthClient
from ..resource.terms import IssuerResource, IssuerTerms


class KnownIssuers(Protocol):
    """What of the watches is asked."""

    def cluster_issuer(self, name: str) -> ClusterOAuthIssuer | None:
        """Return the newest known copy of an issuer."""
        ...

    def cluster_issuers(self) -> Iterable[ClusterOAuthIssuer]:
        """Return the newest known copies of all issuers."""
        ...

    def namespace_labels(self, name: str) -> Mapping[str, str] | None:
        """Return a namespace's labels; None where it may not be seen, or has too many to be judged."""
        ...

    def awaits_namespace(self, name: str) -> bool:
        """Whether a namespace may be seen and was not yet."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Who waits: to some comes nothing but a change of the issuer, the others' own teams may wait for them."""

    at_once: tuple[Key, ...]
    in_turn: tuple[Key, ...]


class AcceptedIssuers:
    """Filled by the passes over issuers, asked by those over clients; in memory only, and made again at each start."""

    def __init__(self, watched: KnownIssuers) -> None:
        self._watched = watched
        self._terms: dict[str, IssuerTerms] = {}
        self._waiting: dict[str, dict[Key, bool]] = {}

    def of(self, name: str) -> IssuerTerms | None:
        """Return the terms that hold for an issuer's clients."""
        return self._terms.get(name)

    def accept(self, name: str, terms: IssuerTerms) -> None:
        """Let its clients go by these terms."""
        self._terms[name] = terms

    def forget(self, name: str) -> None:
        """Take leave of an issuer that is gone."""
        self._terms.pop(name, None)

    def waiting(self, name: str) -> Waiting:
        """Return who waited for an issuer, and waits no more: nobody, as long as it is not accepted and held."""
        issuer, accepted = self._watched.cluster_issuer(name), self._terms.get(name)
        is_over = issuer is None or (accepted is not None and _is_held_by(accepted, issuer))
        found = self._waiting.pop(name, {}) if is_over else {}
        in_turn = tuple(key for key, changes in found.items() if changes)
        return Waiting(at_once=tuple(key for key, changes in found.items() if not changes), in_turn=in_turn)

    def terms_of(self, resource: OAuthClient, key: Key) -> IssuerTerms | None:
        """Return the terms under which a client is, or None where it has to wait until its issuer was looked at.

        Or until its namespace was seen, where that is judged by its labels. It is woken then. One that goes does not
        wait for its issuer, whose end its record may know how to bring about; it is woken all the same.
        """
        reference = IssuerReference.of(resource.spec, [])
        if reference is None:
            return IssuerTerms.of_spec(resource.spec) if resource.spec.get("issuerRef") is None else unknown("", "")
        issuer, accepted = self._watched.cluster_issuer(reference.name), self._terms.get(reference.name)
        if issuer is None:
            return unknown(reference.name, "there is none of that name")
        if accepted is not None and _is_held_by(accepted, issuer):
            return None if not resource.deleting and self._awaits_labels(accepted, resource.namespace) else accepted
        if issuer.deleting and names.ISSUER_FINALIZER not in issuer.finalizers:
            # Another's finalizer holds it, for as long as that takes.
            return unknown(reference.name, "it is being deleted")
        changes = not resource.deleting and _is_changed_by(issuer, resource)
        self._waiting.setdefault(reference.name, {})[key] = changes
        return unknown(reference.name, "it has not been looked at yet") if resource.deleting else None

    def awaited(self, resource: OAuthClient) -> str | None:
        """Return the UID of a client's issuer that says Access, where nothing can be begun by its terms now."""
        reference = IssuerReference.of(resource.spec, [])
        issuer = None if reference is None else self._watched.cluster_issuer(reference.name)
        if issuer is None or text(child(issuer.spec, "dialect"), "management") != Management.ACCESS:
            return None
        accepted = self._terms.get(issuer.name)
        usable = accepted is not None and _is_held_by(accepted, issuer) and not accepted.problems
        return None if usable else issuer.uid

    def terms_before(self, resource: OAuthClient) -> IssuerTerms | None:
        """Return the terms of the issuer that a client's status names, where its spec names another now."""
        applied, reference = resource.status.issuer, IssuerReference.of(resource.spec, [])
        if applied is None or applied.name is None or (reference is not None and reference.name == applied.name):
            return None
        terms = self._terms.get(applied.name)
        stays = terms is not None and terms.resource is not None and terms.resource.uid == applied.uid
        return terms if stays and terms is not None and not terms.problems else None

    def admitting(self) -> Mapping[str, IssuerTerms]:
        """Return the terms that can be honoured now, by the UIDs of their issuers."""
        found = {}
        for name, terms in self._terms.items():
            issuer, resource = self._watched.cluster_issuer(name), terms.resource
            if issuer is not None and resource is not None and issuer.uid == resource.uid and not terms.problems:
                found[issuer.uid] = terms
        return found

    def others(self, resource: OAuthClient, summary: Summary | None, terms: IssuerTerms) -> Mapping[str, IssuerTerms]:
        """Return the same but for the terms of a client's own issuer, where the client lives and left others behind."""
        if resource.deleting or summary is None or not summary.leaves_behind:
            return {}
        own = None if terms.resource is None else terms.resource.uid
        return {uid: found for uid, found in self.admitting().items() if uid != own}

    def unseen(self) -> frozenset[str]:
        """Return the UIDs of issuers that were not looked at yet: soon after a process begins there is none."""
        seen = {terms.resource.uid for terms in self._terms.values() if terms.resource is not None}
        return frozenset(issuer.uid for issuer in self._watched.cluster_issuers()) - seen

    def lets_in(self, issuer: ClusterOAuthIssuer, namespaces: Iterable[str]) -> bool:
        """Whether an issuer's word lets in one of these namespaces, as far as their labels are known."""
        admitted = Allowed.of(issuer.spec, []).namespaces
        return any(admitted.admit(name, self._watched.namespace_labels(name)) for name in namespaces)

    def _awaits_labels(self, terms: IssuerTerms, namespace: str) -> bool:
        admitted = terms.allowed.namespaces if terms.allowed is not None else None
        if admitted is None or admitted.selector is None or admitted.admit(namespace, None):
            return False
        return self._watched.awaits_namespace(namespace)

    def labels_of(self, terms: IssuerTerms, namespace: str) -> Mapping[str, str] | None:
        """Return a namespace's labels where an issuer's selector asks for them."""
        selects = terms.allowed is not None and terms.allowed.namespaces.selector is not None
        return self._watched.namespace_labels(namespace) if selects else None


def _is_held_by(terms: IssuerTerms, issuer: ClusterOAuthIssuer) -> bool:
    """Whether those are terms of this very issuer, which stays as long as it has clients."""
    is_held = issuer.deleting or names.ISSUER_FINALIZER in issuer.finalizers
    return is_held and terms.resource is not None and terms.resource.uid == issuer.uid


def _is_changed_by(issuer: ClusterOAuthIssuer, resource: OAuthClient) -> bool:
    """Whether what a client waits for is another generation of its issuer than it has, and nothing else."""
    status = resource.status
    if status.issuer is None or status.observed_generation != resource.generation:
        return False
    return (status.issuer.uid, status.issuer.generation) != (issuer.uid, issuer.generation)


def unknown(name: str, why: str) -> IssuerTerms:
    """Return the terms of an issuer of which nothing is known: nothing is begun under them."""
    return IssuerTerms(issuer="", resource=IssuerResource(name=name, uid="", generation=0), problems=(why,))
