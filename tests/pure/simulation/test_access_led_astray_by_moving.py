"""What an issuer's access tokens are obtained with is shown to no server that a tenant's client comes from."""

import asyncio
from base64 import b64encode
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.resource.key import cluster_issuer, oauth_client
from tests.pure.simulation.authorization_server import ISSUER
from tests.pure.simulation.issuer_changes import READY
from tests.pure.simulation.platform import CLIENT, JWT, SPEC, Platform

CORPORATE = "https://idp.corporate.example"
MINE = {"initialAccessToken": {"secretRef": {"name": "mine"}}}


def with_client_of_ones_own_server(access: dict[str, Any]) -> Platform:
    """Return a platform where a tenant runs the server, which lets in by a token, and the issuer is another one."""
    platform = Platform()
    platform.server.takes = lambda _token: True
    data = {key: b64encode(value.encode()).decode() for key, value in (("issuer", ISSUER), ("token", "mine"))}
    body = {"metadata": {"namespace": "shop", "name": "mine", "uid": "t"}, "type": names.INITIAL_ACCESS_TOKEN_TYPE}
    platform.api.put(("secrets", "shop", "mine"), {**body, "data": data})
    platform.apply_issuer({**SPEC, "issuer": CORPORATE, "access": access})
    platform.api.apply(
        "shop", "web", {"issuer": ISSUER, "registration": MINE, "clientMetadata": CLIENT["clientMetadata"]}
    )
    looked_at(platform)
    assert platform.said()[:2] == READY
    return platform


def looked_at(platform: Platform) -> None:
    platform.wake(oauth_client("shop", "web"))
    platform.wake(cluster_issuer("corporate"))
    asyncio.run(platform.settle())


@pytest.mark.parametrize("method", ["ClientAssertion", "JWTBearer", "Bearer"])
def test_a_client_that_moves_to_an_issuer_which_does_not_allow_it_is_renewed_by_no_token_of_that_one(
    method: str,
) -> None:
    platform = with_client_of_ones_own_server({"serviceAccountToken": {"method": method, "audience": CORPORATE}})
    # What is not allowed waits for a person, and who asks for another client is not to wait: the one before will do.
    refused = {**CLIENT["clientMetadata"], "redirect_uris": ["https://mine.example/"]}
    platform.api.apply("shop", "web", {"issuerRef": CLIENT["issuerRef"], "clientMetadata": refused})
    platform.api.annotate("shop", "web", {names.ROTATE_ANNOTATION: "now"})
    looked_at(platform)
    assert platform.said()[:2] == ("False", "NotAllowedByIssuer")
    assert platform.server.shown == ["mine"]
    assert JWT not in str(platform.server.forms)
