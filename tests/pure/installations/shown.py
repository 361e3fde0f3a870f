"""What the Secrets of clients show: whose they are, and with what."""

from collections.abc import Iterator, Mapping

from tests.pure.installations.cluster import Body, Cluster
from tests.pure.installations.secret_data import decoded

Pair = tuple[str, str | None]
"""A client_id, and which key, where it is one of the operator's making."""


def pair_of(values: Mapping[str, str]) -> Pair:
    """Return by what an app authenticates that has read this."""
    return values["client_id"], values.get("key_id")


def clients(cluster: Cluster) -> list[Body]:
    """Return all that are there, also those that are deleted."""
    return [body for (kind, _, _), body in cluster.objects.items() if kind == "oauthclients"]


def shown(cluster: Cluster) -> Iterator[tuple[Body, dict[str, str]]]:
    """Yield each client that shows its credentials in a Secret of its own, and what that says."""
    for body in clients(cluster):
        if "deletionTimestamp" in body["metadata"]:
            continue
        name = body.get("status", {}).get("secret", {}).get("name", "")
        secret = cluster.get("secrets", body["metadata"]["namespace"], name)
        owners = [] if secret is None else secret["metadata"].get("ownerReferences", [])
        if secret is not None and body["metadata"]["uid"] in [owner["uid"] for owner in owners]:
            yield body, decoded(secret["data"])
