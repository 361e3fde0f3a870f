"""What is wrong with one OAuthClient, as far as it alone can tell, by the definition and the operator's code."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from ...egress.policy import EgressPolicy
from ...errors import EgressRefused
from ...names import ISSUER_KIND, Reason
from ...oauth.near_miss import near_miss
from ...oauth.words import cleaned
from ...resource.allowed import AllowedNamespaces
from ...resource.desired import Desired
from ...resource.discovery import elsewhere
from ...resource.issuer_reference import REFERENCE_PLACE, IssuerReference
from ...resource.json_path import child, text
from ...resource.kubernetes_names import is_subdomain
from ...resource.oauth_client import OAuthClient
from ...resource.objection import Rule
from ...resource.terms import IssuerResource, IssuerTerms
from .found import Manifest
from .judged_issuer import JudgedIssuer
from .problems import Problem, misspelt, not_yet_said, problem, refused_by_definition, taken_apart

_NAME: Final = "write a resource's name, lower-case letters, digits, '-' and '.', e.g. web"
_NAMESPACE: Final = "write a namespace's name, lower-case letters, digits and '-', e.g. shop"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One OAuthClient; `desired` is what it asks for, which is acted on only without problems."""

    name: str
    namespace: str | None
    line: int
    problems: tuple[Problem, ...]
    notes: tuple[Problem, ...]
    desired: Desired


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """Judges by what the operator's owner has configured."""

    egress: EgressPolicy
    metadata_prefixes: Collection[str]

    def judge(self, manifest: Manifest, issuers: Mapping[str, JudgedIssuer] = MappingProxyType({})) -> Judged:
        """Judge one manifest, by the word of the issuer resource that it names where that is among `issuers`."""
        resource = OAuthClient.parse(manifest.body)
        generated = text(child(manifest.body, "metadata"), "generateName")
        if not resource.name and generated:
            # As long as what the API server puts there.
            resource = replace(resource, name=f"{generated}xxxxx")
        name = resource.name
        problems = [*refused_by_definition(manifest), *misspelt(manifest, resource.spec)]
        problems += not_yet_said(_misnamed(manifest, resource), problems)
        if not is_subdomain(name):
            # Said already, and not to be said again of the Secret that has the same name.
            resource = replace(resource, name="x")
        terms, notes = self._terms(manifest, resource, issuers)
        desired = Desired.of(resource, terms, self.metadata_prefixes)
        problems += not_yet_said(self._refused_by_operator(manifest, desired), problems)
        return Judged(
            name=cleaned(name, limit=253) or "(no name)",
            namespace=cleaned(resource.namespace, limit=63) or None,
            line=manifest.document.line(manifest.path),
            problems=tuple(sorted(problems, key=lambda one: one.line)),
            notes=(*_notes(manifest, resource, desired), *notes),
            desired=desired,
        )

    def _terms(
        self, manifest: Manifest, resource: OAuthClient, issuers: Mapping[str, JudgedIssuer]
    ) -> tuple[IssuerTerms, tuple[Problem, ...]]:
        """Return the terms under which a client is, and what of them cannot be known here."""
        reference = IssuerReference.of(resource.spec, [])
        if reference is None:
            return IssuerTerms.of_spec(resource.spec), ()
        if (issuer := issuers.get(reference.name)) is None:
            why = (
                f"{ISSUER_KIND} {reference.name} is not among these files, so what it allows, and adds to the client, "
                "is not known"
            )
            return not_here(reference.name), (problem(manifest, f"{REFERENCE_PLACE}.name", why),)
        terms, allowed = issuer.terms, issuer.terms.allowed
        if issuer.problems:
            why = f"{ISSUER_KIND} {reference.name} would be refused itself"
            return replace(terms, problems=(why,)), ()
        if allowed is None or allowed.namespaces.admit(resource.namespace, None):
            return terms, ()
        if not resource.namespace:
            why = "no namespace is written, so whether the issuer allows what it asks is not known"
            return replace(terms, allowed=None), (problem(manifest, "metadata.namespace", why),)
        if allowed.namespaces.selector is None:
            return terms, ()
        why = "whether the issuer's selector selects the namespace is not known, for its labels are not"
        anywhere = replace(allowed, namespaces=AllowedNamespaces(every=True))
        return replace(terms, allowed=anywhere), (problem(manifest, "metadata.namespace", why),)

    def _refused_by_operator(self, manifest: Manifest, desired: Desired) -> Iterator[Problem]:
        for said in desired.problems:
            yield problem(manifest, *taken_apart(said), Reason.INVALID_SPEC)
        if desired.terms.resource is not None:
            for said in desired.terms.problems:
                yield problem(manifest, f"{REFERENCE_PLACE}.name", said, Reason.ISSUER_NOT_READY)
            yield from _not_allowed(manifest, desired)
        # What is no URL is said above, and is no question of where it leads.
        elif not desired.terms.problems:
            for where, why in self._not_let_out(desired.terms):
                yield problem(manifest, where, why, Reason.ISSUER_NOT_ALLOWED)

    def _not_let_out(self, terms: IssuerTerms) -> Iterator[tuple[str, str]]:
        chosen = {"url": terms.metadata_url, "registrationEndpoint": terms.registration_endpoint}
        try:
            self.egress.admit(terms.issuer)
        except EgressRefused as refused:
            yield "spec.issuer", str(refused)
        for member, url in chosen.items():
            if url is not None and not self.egress.admits_endpoint(terms.issuer, url):
                yield taken_apart(elsewhere(member))


def not_here(name: str) -> IssuerTerms:
    """Return the terms of an issuer resource of which only the name is known: no issuer, and nothing that it says."""
    return IssuerTerms(issuer="", resource=IssuerResource(name=name, uid="", generation=0))


def _not_allowed(manifest: Manifest, desired: Desired) -> Iterator[Problem]:
    for objection in desired.objections:
        of_namespace = objection.rule is Rule.NAMESPACES
        where = "metadata.namespace" if of_namespace else f"spec.clientMetadata.{objection.member}"
        yield problem(manifest, where, str(objection), Reason.NOT_ALLOWED_BY_ISSUER)


def _misnamed(manifest: Manifest, resource: OAuthClient) -> Iterator[Problem]:
    if not is_subdomain(resource.name):
        yield problem(manifest, "metadata.name", _NAME)
    if resource.namespace and (not is_subdomain(resource.namespace) or not _is_label(resource.namespace)):
        yield problem(manifest, "metadata.namespace", _NAMESPACE)


def _is_label(name: str) -> bool:
    return "." not in name and len(name) <= 63


def _notes(manifest: Manifest, resource: OAuthClient, desired: Desired) -> Iterator[Problem]:
    for name in child(resource.spec, "clientMetadata"):
        if (meant := near_miss(name)) is not None:
            where = f"spec.clientMetadata.{cleaned(name, limit=80)}"
            sent = "not sent, as the issuer's dialect has it" if name in desired.omitted else "sent as written"
            why = f"no registry of client metadata has it; it is {sent}; is {meant} meant?"
            yield problem(manifest, where, why)
