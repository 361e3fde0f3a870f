"""What is wrong with one ClusterOAuthIssuer, as far as it alone can tell, by the definition and the operator's code."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from ...egress.policy import EgressPolicy
from ...errors import EgressRefused
from ...names import Reason
from ...oauth.json_object import JSON
from ...oauth.words import cleaned
from ...resource.cluster_oauth_issuer import ClusterOAuthIssuer
from ...resource.issuer_reach import CABundleReference, ca_bundle_reference
from ...resource.json_path import child
from ...resource.kubernetes_names import is_subdomain
from ...resource.terms import IssuerTerms
from .found import Manifest
from .problems import Problem, misspelt, not_yet_said, problem, refused_by_definition, taken_apart

_NAME = "write a resource's name, lower-case letters, digits, '-' and '.', e.g. corporate"


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedIssuer:
    """One ClusterOAuthIssuer; `terms` are what it says, by which clients are judged only without problems.

    `bundle` is the ConfigMap with its certificate authorities, which only a cluster knows.
    """

    name: str
    line: int
    problems: tuple[Problem, ...]
    terms: IssuerTerms
    bundle: CABundleReference | None


def judge_issuer(manifest: Manifest, egress: EgressPolicy) -> JudgedIssuer:
    """Judge one manifest."""
    issuer = ClusterOAuthIssuer.parse(manifest.body)
    bundle = ca_bundle_reference(issuer.spec)
    terms = IssuerTerms.of_issuer(replace(issuer, spec=_without_bundle(issuer.spec)), None)
    problems = [*refused_by_definition(manifest), *misspelt(manifest, issuer.spec)]
    if not is_subdomain(issuer.name):
        problems += not_yet_said(iter([problem(manifest, "metadata.name", _NAME)]), problems)
    problems += not_yet_said(_refused_by_operator(manifest, terms, egress), problems)
    return JudgedIssuer(
        name=cleaned(issuer.name, limit=253) or "(no name)",
        line=manifest.document.line(manifest.path),
        problems=tuple(sorted(problems, key=lambda one: one.line)),
        terms=terms,
        bundle=bundle,
    )


def _without_bundle(spec: Mapping[str, JSON]) -> Mapping[str, JSON]:
    """Return a spec in which no ConfigMap is named, where one is: what is in it cannot be known here."""
    trust = child(spec, "trust")
    if ca_bundle_reference(spec) is None or "caBundle" in trust:
        return spec
    rest = {name: value for name, value in trust.items() if name != "caBundleRef"}
    return {**spec, "trust": rest or {"systemAuthorities": False}}


def _refused_by_operator(manifest: Manifest, terms: IssuerTerms, egress: EgressPolicy) -> Iterator[Problem]:
    for said in terms.problems:
        yield problem(manifest, *taken_apart(said), Reason.INVALID_SPEC)
    if terms.problems or terms.reach is None:
        return
    reaching = egress.reaching(terms.issuer, terms.reach)
    try:
        reaching.admit(terms.issuer)
    except EgressRefused as refused:
        yield problem(manifest, "spec.issuer", f"{refused}, or spec.reach says it here", Reason.ISSUER_NOT_ALLOWED)
    for member, url in {"url": terms.metadata_url, "registrationEndpoint": terms.registration_endpoint}.items():
        if url is not None and not reaching.admits_endpoint(terms.issuer, url):
            why = "it is at another origin than spec.issuer: write that origin in spec.reach.endpointOrigins, too"
            yield problem(manifest, f"spec.discovery.{member}", why, Reason.ISSUER_NOT_ALLOWED)
