"""Of clients with keys of the operator's own, when all has been seen: which keys their server has (docs/keys.md).

The published one, and those that are leaving until their time is over; and what a spec asks for is what is published.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from oauthclient_operator import names
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.names import ConditionType, Reason
from oauthclient_operator.oauth.jose import PrivateKey
from tests.pure.installations.authorization_server import ErringServer, kids
from tests.pure.installations.cluster import Body
from tests.pure.installations.promises import said

SEEN_WITHIN: Final = timedelta(minutes=1)
"""The end of an overlap is written in whole seconds, and a call takes its time."""


def amiss(
    body: Body, published: Mapping[str, str], server: ErringServer, now: datetime, *, is_shared: bool
) -> Iterator[tuple[str, Any]]:
    """Yield what should be of a client that publishes this, and what is.

    Its keys are another one's too where it is shared: of two installations neither knows what the other adopted.
    """
    is_paused = body["metadata"].get("annotations", {}).get(names.PAUSED_ANNOTATION) == "true"
    for each in () if is_paused else _leaving(body):
        is_over = "until" in each and datetime.fromisoformat(each["until"]) + SEEN_WITHIN < now
        if is_over and said(body, ConditionType.RENEWING)[0] != "False":
            yield f"{each['clientID']} has left", each
    client = server.clients.get(published["client_id"])
    renewing, ready = said(body, ConditionType.RENEWING), said(body, ConditionType.READY)
    if ready[0] == "True" and renewing[1] in ("", Reason.LEAVING) and (other := _other_than_asked(body, published)):
        yield f"{published['client_id']} authenticates as the spec says", other
    if client is None or "private_key" not in published or client["client_id"] in server.changed_keys or is_shared:
        return
    if not server.accepts(published):
        yield f"the server has the key of {client['client_id']} that is published", kids(client)
    if (other := _other_form(published)) is not None:
        yield f"private_key_jwk of {client['client_id']} is the key that key_id names", other
    leaving = [each for each in _leaving(body) if each["clientID"] == client["client_id"]]
    expected = {published["key_id"], *(each["keyID"] for each in leaving if "keyID" in each)}
    if renewing[1] in ("", Reason.LEAVING) and {*kids(client)} != expected:
        yield f"the server has these keys of {client['client_id']} alone: {sorted(expected)}", kids(client)


def _other_form(published: Mapping[str, str]) -> str | None:
    """Return which key the JWK is, where it is another one than the PEM."""
    thumbprint = PrivateKey.parse(Confidential(published["private_key_jwk"])).thumbprint
    return None if thumbprint == published["key_id"] else thumbprint


def _leaving(body: Body) -> list[dict[str, str]]:
    found: list[dict[str, str]] = body.get("status", {}).get("rotation", {}).get("leaving", [])
    return found


def _other_than_asked(body: Body, published: Mapping[str, str]) -> str | None:
    """Return by what a client authenticates instead of what its spec asks for."""
    if body["status"].get("observedGeneration") != body["metadata"]["generation"]:
        return None
    asked = body["spec"].get("privateKey", {}).get("algorithm", "a client secret")
    shown = published["token_endpoint_auth_signing_alg"] if "private_key" in published else "a client secret"
    return None if asked == shown and ("client_secret" in published) is (asked == "a client secret") else shown
