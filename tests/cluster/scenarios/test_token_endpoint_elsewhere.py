"""A document names the token endpoint elsewhere: what lets the operator in at an issuer is not sent there.

Elsewhere is another origin, or another tenant's place at the same one.
"""

from collections.abc import Iterator
from typing import Any

import pytest

from oauthclient_operator import names
from tests.cluster.scenarios.conftest import MakeIssuer
from tests.cluster.scenarios.issuer_resources import IssuerResource, issuer_resource
from tests.cluster.scenarios.room import Body, Room, condition
from tests.cluster.scenarios.test_discovery_chosen import MINE, only
from tests.parts.installation import SYSTEM_NAMESPACE
from tests.parts.misbehaving import respond
from tests.parts.misbehaving_issuer import MisbehavingIssuer

pytestmark = pytest.mark.usefixtures("operator")

SECRET = "secret-of-the-registrar"
BY_ACCOUNT = [{"serviceAccountToken": {"method": method}} for method in ("ClientAssertion", "JWTBearer")]
COLLECT = "/tenants/mallory/token"


@pytest.fixture
def resource(room: Room, issuer: MisbehavingIssuer) -> Iterator[IssuerResource]:
    with issuer_resource(room, issuer.issuer) as found:
        found.put_credentials(found.name, "registrar", SECRET)
        yield found


def by_secret(resource: IssuerResource) -> Body:
    return {"clientCredentials": {"secretRef": {"name": resource.name}}}


def names_endpoint(resource: IssuerResource, endpoint: str) -> None:
    """Have the Secret say at which token endpoint it is used."""
    room = resource.room
    held = {"issuer": resource.issuer, "client_id": "registrar", "client_secret": SECRET, "token_endpoint": endpoint}
    system = Room(namespace=SYSTEM_NAMESPACE, kubectl=room.kubectl, api=room.api, operators=room.operators)
    system.put_secret(resource.name, of_type=names.CLIENT_CREDENTIALS_TYPE, **held)


def asked(issuer: MisbehavingIssuer) -> list[str]:
    """Return where a request went that is none for metadata, in its order and each place once."""
    return [*dict.fromkeys(r.target for r in issuer.server.requests if "/.well-known/" not in r.target)]


@pytest.mark.parametrize("access", [None, *BY_ACCOUNT], ids=["client credentials", "an assertion", "a grant"])
@pytest.mark.parametrize("chosen", [False, True], ids=["the issuer's own document", "one that the spec names"])
def test_at_another_origin(
    issuer: MisbehavingIssuer,
    make_issuer: MakeIssuer,
    resource: IssuerResource,
    access: Body | None,
    *,
    chosen: bool,
) -> None:
    thief = make_issuer()
    endpoint = thief.server.url("/token")
    issuer.documents = lambda _, metadata: respond(200, {**metadata, "token_endpoint": endpoint})
    # Not even a Secret that names that endpoint has it sent there.
    names_endpoint(resource, endpoint)
    discovery: dict[str, Any] = {"discovery": {"url": issuer.server.url(MINE)}} if chosen else {}
    resource.apply(access=access or by_secret(resource), **discovery)
    resource.apply_client()
    for said in (resource.wait_for("IssuerNotAllowed"), resource.room.wait_for("web", "IssuerNotAllowed")):
        assert "a token endpoint at another origin than the issuer's" in condition(said)["message"]
    assert (asked(issuer), thief.server.connections) == ([], 0)


def test_by_a_document_at_another_origin(
    issuer: MisbehavingIssuer, make_issuer: MakeIssuer, resource: IssuerResource
) -> None:
    thief = make_issuer()
    thief.documents = lambda *_: respond(200, {**issuer.metadata(), "token_endpoint": issuer.server.url(COLLECT)})
    resource.apply(access=by_secret(resource), discovery={"url": thief.server.url(MINE)})
    resource.apply_client()
    for said in (resource.wait_for("IssuerNotAllowed"), resource.room.wait_for("web", "IssuerNotAllowed")):
        assert "at another origin than" in condition(said)["message"]
    assert (issuer.server.connections, thief.server.connections) == (0, 0)


@pytest.mark.parametrize(
    ("says", "why"),
    [
        pytest.param(False, "does not name the token endpoint, which spec.discovery chooses", id="that names none"),
        pytest.param(True, "names another token endpoint", id="that names the right one"),
    ],
)
def test_by_a_document_of_another_tenant_at_the_same_origin_and_a_secret(
    issuer: MisbehavingIssuer, resource: IssuerResource, why: str, *, says: bool
) -> None:
    issuer.documents = only(MINE, token_endpoint=issuer.server.url(COLLECT))
    if says:
        names_endpoint(resource, issuer.server.url("/token"))
    resource.apply(access=by_secret(resource), discovery={"url": issuer.server.url(MINE)})
    resource.apply_client()
    for said in (resource.wait_for("AccessDenied"), resource.room.wait_for("web", "AccessDenied")):
        assert why in condition(said)["message"]
    assert asked(issuer) == []
    # It is sent where document and Secret say one thing.
    names_endpoint(resource, issuer.server.url("/token"))
    issuer.documents = only(f"{MINE}?another")
    resource.apply(access=by_secret(resource), discovery={"url": issuer.server.url(f"{MINE}?another")})
    resource.room.wait_until(lambda: asked(issuer) == ["/token"], "the credentials are used")


@pytest.mark.parametrize("first", ["the tenant", "the platform team"])
def test_what_a_tenant_has_the_operator_read_as_its_own_issuers_metadata_misleads_no_issuer_resource(
    other_room: Room, issuer: MisbehavingIssuer, resource: IssuerResource, first: str
) -> None:
    collects = issuer.server.url(COLLECT)
    issuer.documents = lambda asked, metadata: respond(
        200, {**metadata, "token_endpoint": collects} if asked == MINE else metadata
    )

    def tenant() -> None:
        other_room.apply("web", issuer.issuer, discovery={"url": issuer.server.url(MINE)})
        other_room.wait_for("web", "Registered")
        assert other_room.secret("web")["token_endpoint"] == collects

    def platform() -> None:
        resource.apply(access=by_secret(resource))
        resource.apply_client()
        # That server gives no tokens.
        resource.wait_for("AccessDenied")
        resource.room.wait_for("web", "AccessDenied")

    for act in (tenant, platform) if first == "the tenant" else (platform, tenant):
        act()
    resource.room.annotate("web", names.RETRY_ANNOTATION, "now")
    resource.room.wait_for("web", "AccessDenied")
    shown = {r.target for r in issuer.server.requests if r.headers.get("authorization", "").startswith("Basic")}
    assert shown == {"/token"}
    assert {*asked(issuer)} == {"/token", "/reg"}
