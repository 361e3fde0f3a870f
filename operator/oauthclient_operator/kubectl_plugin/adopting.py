"""What an adoption writes, and what the operator would refuse of it, said before anything is written; pure."""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from .. import names
from ..confidential import Confidential
from ..egress.policy import EgressPolicy
from ..names import Reason
from ..oauth.jose import PrivateKey
from ..oauth.json_object import JSON
from ..oauth.signing_algorithm import SigningAlgorithm
from ..oauth.words import quoted
from ..resource.client_information_secret import HandedOver, handed_over
from ..resource.desired import DeletionPolicy
from ..resource.json_path import child, text
from ..resource.oauth_client import OAuthClient
from ..resource.private_key import is_asked, signing_algorithm
from ..resource.secret import Secret
from ..resource.status import shown_client_id
from ..verdict import adopting as words

SUFFIX: Final = "-client-information"
_CURES: Final = frozenset(
    {Reason.MANAGEMENT_LOST, Reason.UPDATE_UNSUPPORTED, Reason.RECORD_OUTDATED, Reason.RECORD_MISSING}
)
"""Where a client is published already, and one that is handed over is looked at all the same."""
_LAST_COPY: Final = frozenset({Reason.RECORD_OUTDATED, Reason.RECORD_MISSING})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What somebody knows of a client."""

    client_id: str
    client_secret: Confidential | None = None
    client_secret_expires_at: str | None = None
    registration_access_token: Confidential | None = None
    registration_client_uri: str | None = None
    private_key: Confidential | None = None


def handed(given: Given, issuer: str, name: str, resource: OAuthClient | None) -> HandedOver:
    """Return the client as the operator will read it of the Secret of that name.

    Raises:
        ClientInformationUnusable: it would not take it; the message says why, and what the Secret must have.
    """
    values = {
        names.ISSUER_KEY: issuer,
        "client_id": given.client_id,
        "client_secret": _revealed(given.client_secret),
        "client_secret_expires_at": given.client_secret_expires_at,
        "registration_access_token": _revealed(given.registration_access_token),
        "registration_client_uri": given.registration_client_uri,
        "private_key": _revealed(given.private_key),
        "key_id": None if given.private_key is None else _thumbprint(given.private_key),
    }
    data: dict[str, JSON] = {
        key: base64.b64encode(value.encode()).decode() for key, value in values.items() if value is not None
    }
    body: dict[str, JSON] = {"type": names.CLIENT_INFORMATION_TYPE, "data": data}
    # Without a resource its spec is to come: a key is one for the algorithm that it is for.
    signing = SigningAlgorithm.ES256 if resource is None else _signing(resource)
    return handed_over(Secret.parse(body), name, issuer, signing)


def patch(resource: OAuthClient, secret_name: str, retry: str) -> dict[str, JSON]:
    """Return what has the operator take up what the Secret hands over, as a merge patch of that very resource."""
    annotations: dict[str, JSON] = {names.RETRY_ANNOTATION: retry}
    spec: dict[str, JSON] = {"adopt": {"secretRef": {"name": secret_name}}}
    return {"metadata": {"uid": resource.uid, "annotations": annotations}, "spec": spec}


def objection(resource: OAuthClient, secret_name: str, client_id: str, issuer: str) -> str | None:
    """Return why the operator would not look at a client that is handed over to a resource, or None."""
    status, name = resource.status, resource.name
    if resource.deleting:
        return f"{name} is being deleted"
    if secret_name == (text(child(resource.spec, "secret"), "name") or name):
        return f"Secret {secret_name} is the one that is published: name another one by --secret"
    if status.client_id is None or (status.issuer is not None and status.issuer.url != issuer):
        return None
    same = status.client_id == shown_client_id(client_id)
    if status.ready_reason in _LAST_COPY:
        return None if same else words.another_client(secret_name, client_id, status.client_id)
    managed = status.registration is not None and status.registration.manageable
    if status.ready_reason in _CURES or not managed:
        return None
    if same:
        return f"{name} has this client already, and manages it: there is nothing to adopt"
    return (
        f"{name} has client {quoted(status.client_id)} and manages it: another one of the same issuer is taken up only "
        "where that is not so; write another OAuthClient that has spec.adopt from the beginning"
    )


def unproven(resource: OAuthClient, secret_name: str, client: HandedOver) -> str | None:
    """Return why a client without a registration access token would not be taken up, or None."""
    outdated = resource.status.ready_reason in _LAST_COPY
    return words.unproven(secret_name) if outdated and not client.manageable else None


def holder(client_id: str, issuer: str, others: Iterable[OAuthClient], but: str) -> str | None:
    """Return why not: one of these other OAuthClients has the client."""
    shown = shown_client_id(client_id)
    for other in others:
        at = other.status.issuer
        if other.name != but and other.status.client_id == shown and at is not None and at.url == issuer:
            return (
                f"OAuthClient {other.name} has client {quoted(client_id)}: delete that one with spec.policy.deletion: "
                "Retain first"
            )
    return None


def remarks(client: HandedOver, resource: OAuthClient | None) -> Iterator[str]:
    """Yield what is worth knowing beforehand, and no reason to refuse."""
    if not client.manageable:
        yield (
            "without a registration access token and its registration_client_uri the client is published as it is: it "
            "can be neither changed nor deregistered"
        )
    uri = client.information.registration_client_uri
    if uri is not None and not EgressPolicy().admits_endpoint(client.issuer, uri):
        yield (
            "its registration_client_uri is at another origin than the issuer's: no token is sent there unless the "
            "operator's administrator has set --allow-endpoint-origin, or the ClusterOAuthIssuer has endpointOrigins"
        )
    if resource is None:
        return
    deletion = text(child(resource.spec, "policy"), "deletion") or DeletionPolicy.DELETE
    if client.manageable and deletion == DeletionPolicy.DELETE:
        yield f"the client is deregistered when {resource.name} is deleted, unless spec.policy.deletion is Retain"
    if resource.paused:
        yield f"{resource.name} is paused: nothing is taken up before kubectl oauthclient resume {resource.name}"


def _signing(resource: OAuthClient) -> SigningAlgorithm | None:
    if not is_asked(resource.spec):
        return None
    # What is wrong with the spec is said of the resource: here a key has to be for some algorithm.
    return signing_algorithm(resource.spec, child(resource.spec, "clientMetadata"), []) or SigningAlgorithm.ES256


def _thumbprint(pem: Confidential) -> str:
    try:
        return PrivateKey.parse(pem).thumbprint
    except ValueError:
        # Whoever reads the Secret says what is amiss with the key.
        return "-"


def _revealed(value: Confidential | None) -> str | None:
    return None if value is None else value.reveal()
