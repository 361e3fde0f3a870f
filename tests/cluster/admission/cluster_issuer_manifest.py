"""A ClusterOAuthIssuer as a manifest, with little in it."""

from typing import Any

from tests.cluster.admission.manifests import API_VERSION, ISSUER, Manifest

ALLOWED: Manifest = {"namespaces": {"names": ["shop"]}, "redirectURIs": ["https://shop.example.com/callback"]}
CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMAMCAQE=\n-----END CERTIFICATE-----\n"


def cluster_issuer(name: str = "corporate", **spec: Any) -> Manifest:
    """Return a ClusterOAuthIssuer; a member of its spec that is None is left out."""
    written = {"issuer": ISSUER, "allowed": ALLOWED, **spec}
    written = {member: value for member, value in written.items() if value is not None}
    return {"apiVersion": API_VERSION, "kind": "ClusterOAuthIssuer", "metadata": {"name": name}, "spec": written}


def allowing(**members: Any) -> Manifest:
    """Return members of a spec that allow this and that, and by default little."""
    return {"allowed": {**ALLOWED, **members}}
