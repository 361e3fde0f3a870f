"""A ClusterOAuthIssuer as the API server has it, and what its spec says."""

from typing import Any

from oauthclient_operator import names
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.desired import Desired
from oauthclient_operator.resource.terms import IssuerTerms
from tests.pure.values import ISSUER, resource

ISSUER_UID = "0d7a5f3e-53b1-4d5c-8f0e-2f1f7c9d3a11"
ALLOWED: dict[str, Any] = {"namespaces": {"all": True}, "redirectURIs": ["*"]}
AUTHORITY = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"
"""The shortest that could be one."""


def issuer_body(
    *, status: dict[str, Any] | None = None, deleting: bool = False, generation: int = 1, **spec: Any
) -> dict[str, Any]:
    """Return its JSON; a member of its spec that is None is left out."""
    metadata: dict[str, Any] = {
        "name": "corporate",
        "uid": ISSUER_UID,
        "generation": generation,
        "resourceVersion": "11",
        "finalizers": [names.ISSUER_FINALIZER],
    }
    if deleting:
        metadata["deletionTimestamp"] = "2026-01-01T11:59:59Z"
    written = {"issuer": ISSUER, "allowed": ALLOWED, **spec}
    return {
        "apiVersion": names.API_VERSION,
        "kind": names.ISSUER_KIND,
        "metadata": metadata,
        "spec": {name: value for name, value in written.items() if value is not None},
        "status": status or {},
    }


def terms_of_issuer(*, ca_bundle: str | None = None, generation: int = 1, **spec: Any) -> IssuerTerms:
    """Return what its spec says."""
    return IssuerTerms.of_issuer(ClusterOAuthIssuer.parse(issuer_body(generation=generation, **spec)), ca_bundle)


def desired_of(terms: IssuerTerms, **client: Any) -> Desired:
    """Return what an OAuthClient asks for that names the issuer resource; options are members of its spec."""
    found = resource(spec={"issuerRef": {"kind": names.ISSUER_KIND, "name": "corporate"}, **client})
    spec = {name: value for name, value in found.spec.items() if name != "issuer"}
    return Desired.of(type(found).parse({"metadata": {"name": "web", "namespace": "shop"}, "spec": spec}), terms)
