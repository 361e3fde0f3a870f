"""Real authorization servers through the library alone: registered there, and a token from there."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.client_library import (
    ClientSecretBasic,
    ClientSecretJWT,
    ClientSecretPost,
    Configuration,
    DiscoveryForm,
    MetadataDocument,
    NoAuthentication,
    Options,
    PrivateKeyJWT,
    Send,
    TLSClientAuth,
    client_credentials_grant,
    delete_client,
    dynamic_client_registration,
    read_client,
    restore,
    update_client,
)
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import ProgramPolicy
from oauthclient_operator.errors import (
    ManagementUnauthorized,
    RegistrationAmbiguous,
    RegistrationRejected,
    RegistrationUnauthorized,
    TokenRequestRejected,
)
from oauthclient_operator.exchange import Answer, ClientCertificate, Incomplete, Request, Response
from oauthclient_operator.oauth import rfc7592
from oauthclient_operator.oauth.client_information import ClientInformation
from tests.parts.canaille import Canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.keycloak import Realm
from tests.parts.node_oidc_provider import NodeOIDCProvider, node_oidc_provider
from tests.pure.keys import parsed

SERVICE: dict[str, Any] = {
    "client_name": "service",
    "grant_types": ["client_credentials"],
    "response_types": [],
    "redirect_uris": [],
}
WEB: dict[str, Any] = {"client_name": "web", "redirect_uris": ["https://shop.example.com/cb"]}
KEY = parsed("P-256")
METHODS = [ClientSecretBasic(), ClientSecretPost(), ClientSecretJWT(), PrivateKeyJWT(KEY, kid="k-1")]


@pytest.fixture(scope="module")
def open_server(
    certificate_authority: CertificateAuthority, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[NodeOIDCProvider]:
    """Open to everyone, with DPoP, and with a nonce in each proof."""
    directory = tmp_path_factory.mktemp("open")
    with node_oidc_provider(directory, certificate_authority, dpop=True, initial_access_token=False) as server:
        yield server


def options(server: NodeOIDCProvider | Canaille | Realm, **more: Any) -> Options:
    return Options(ca_bundle=server.trust, timeout=20, **more)


def asked(method: Any) -> dict[str, Any]:
    """Return the metadata of a service that authenticates so."""
    keys = {}
    if isinstance(method, PrivateKeyJWT):
        # Keycloak takes no key that does not say which it is and what it is for.
        named = {"kid": method.kid, "use": "sig", "alg": method.key.algorithm}
        keys = {"jwks": {"keys": [{**method.key.public_jwk, **named}]}}
    return {**SERVICE, **keys, "token_endpoint_auth_method": method.method}


@pytest.mark.parametrize("dpop", [False, True], ids=["bearer", "DPoP"])
@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.method)
async def test_CA_20_register_and_get_a_token(method: Any, dpop: bool, open_server: NodeOIDCProvider) -> None:
    key = {"dpop_key": parsed("P-256")} if dpop else {}
    # Without an argument, what the server registered says how; for a key the caller has to say it.
    argument = method if isinstance(method, PrivateKeyJWT) else None
    configuration = await dynamic_client_registration(
        open_server.issuer, asked(method), argument, options(open_server, **key)
    )
    assert configuration.client_id in open_server.clients()
    assert configuration.client_authentication == method
    assert configuration.deviations == ()
    for _ in range(2):
        token = await client_credentials_grant(configuration, {"scope": "api"})
        assert (token.token_type, token.scope) == ("dpop" if dpop else "bearer", "api")


@pytest.mark.parametrize("method", METHODS, ids=lambda method: method.method)
async def test_node_oidc_provider_gives_another_token_with_each_update(
    method: Any, open_server: NodeOIDCProvider
) -> None:
    argument = method if isinstance(method, PrivateKeyJWT) else None
    chosen = options(open_server)
    before = await dynamic_client_registration(open_server.issuer, asked(method), argument, chosen)
    after = await update_client(before, {**asked(method), "client_name": "renewed"})
    assert after.information.registration_access_token != before.information.registration_access_token
    await managed(after, argument, chosen)


async def test_CA_20_a_public_client_says_who_it_is(open_server: NodeOIDCProvider) -> None:
    metadata = {**WEB, "token_endpoint_auth_method": "none"}
    configuration = await dynamic_client_registration(open_server.issuer, metadata, None, options(open_server))
    assert configuration.client_authentication == NoAuthentication()
    # It is known, and has no right to that grant.
    with pytest.raises(TokenRequestRejected) as refusal:
        await client_credentials_grant(configuration)
    assert refusal.value.error_description == "requested grant type is not allowed for this client"


async def test_an_initial_access_token_lets_in_and_its_absence_is_told(
    node_provider: NodeOIDCProvider,
) -> None:
    with pytest.raises(RegistrationUnauthorized) as refusal:
        await dynamic_client_registration(node_provider.issuer, WEB, None, options(node_provider))
    assert refusal.value.status in {400, 401}
    token = Confidential(node_provider.initial_access_token())
    let_in = options(node_provider, initial_access_token=token)
    with pytest.raises(RegistrationRejected) as rejected:
        await dynamic_client_registration(node_provider.issuer, {**WEB, "redirect_uris": ["x"]}, None, let_in)
    assert (rejected.value.status, rejected.value.error) == (400, "invalid_redirect_uri")
    configuration = await dynamic_client_registration(node_provider.issuer, WEB, None, let_in)
    await delete_client(configuration)
    assert configuration.client_id not in node_provider.clients()


async def managed(configuration: Configuration, argument: PrivateKeyJWT | None, chosen: Options) -> None:
    """Go on as another process does: read the client, change its name, use it, and delete it."""
    asked = configuration.requested.members
    configuration = await read_client(restore(configuration.to_dict(), argument, chosen))
    configuration = await update_client(configuration, {**asked, "client_name": "another"})
    assert configuration.client_metadata()["client_name"] == "another"
    assert configuration.insufficiency is None
    assert (await client_credentials_grant(configuration)).token_type == "bearer"
    await delete_client(configuration)
    with pytest.raises(ManagementUnauthorized):
        await read_client(configuration)


async def test_a_document_by_its_url(open_server: NodeOIDCProvider) -> None:
    document = MetadataDocument(url=f"{open_server.issuer}/.well-known/openid-configuration", issuer=open_server.issuer)
    configuration = await dynamic_client_registration(document, asked(ClientSecretBasic()), None, options(open_server))
    assert (await client_credentials_grant(configuration)).token_type == "bearer"


async def test_a_client_by_its_certificate_at_the_endpoints_for_that(
    open_server: NodeOIDCProvider, certificate_authority: CertificateAuthority
) -> None:
    certificate = certificate_authority.certificate("client.example.com")
    method = TLSClientAuth(ClientCertificate(chain=certificate.chain, key=certificate.key))
    metadata = {**asked(method), "tls_client_auth_san_dns": "client.example.com"}
    configuration = await dynamic_client_registration(open_server.issuer, metadata, method, options(open_server))
    assert configuration.endpoint("token_endpoint") != configuration.server.endpoints["token_endpoint"]
    assert (await client_credentials_grant(configuration)).token_type == "bearer"
    bare = replace(configuration, client_authentication=NoAuthentication())
    with pytest.raises(TokenRequestRejected):
        await client_credentials_grant(bare)


async def test_a_lost_answer_leaves_what_deletes_the_client(node_provider: NodeOIDCProvider) -> None:
    async def losing(request: Request, send: Send) -> Answer:
        answer = await send(request)
        assert isinstance(answer, Response)
        if request.method == "GET":
            return answer
        return Incomplete(cause="the connection broke", status=answer.status, partial=answer.body[:-1])

    token = Confidential(node_provider.initial_access_token())
    with pytest.raises(RegistrationAmbiguous) as lost:
        await dynamic_client_registration(
            node_provider.issuer, WEB, None, options(node_provider, transport=losing, initial_access_token=token)
        )
    left = lost.value
    assert left.client_id in node_provider.clients()
    assert left.registration_access_token is not None
    assert left.registration_client_uri is not None
    client = ClientInformation(
        {
            "registration_access_token": left.registration_access_token.reveal(),
            "registration_client_uri": left.registration_client_uri,
        }
    )
    door = Door(policy=ProgramPolicy(), ca_bundle=node_provider.trust)
    await door.exchange(rfc7592.deletion_request(client), timeout=10)
    assert left.client_id not in node_provider.clients()


@pytest.mark.parametrize("form", DiscoveryForm)
async def test_canaille(form: DiscoveryForm, canaille: Canaille) -> None:
    token = Confidential(canaille.initial_access_token())
    chosen = options(canaille, initial_access_token=token, discovery_form=form)
    configuration = await dynamic_client_registration(
        canaille.issuer, {**SERVICE, "scope": "openid profile"}, None, chosen
    )
    assert configuration.insufficiency is None
    granted = await client_credentials_grant(configuration)
    assert granted.token_type == "bearer"
    await managed(configuration, None, chosen)


async def test_canaille_says_no_in_its_own_way(canaille: Canaille) -> None:
    with pytest.raises(RegistrationUnauthorized):
        await dynamic_client_registration(canaille.issuer, WEB, None, options(canaille))


@pytest.mark.parametrize(
    "method", [ClientSecretBasic(), ClientSecretPost(), PrivateKeyJWT(KEY, kid="k-1")], ids=lambda m: m.method
)
async def test_keycloak(method: Any, keycloak: Realm) -> None:
    token = Confidential(keycloak.initial_access_token())
    metadata = {**asked(method), "redirect_uris": ["https://shop.example.com/cb"]}
    argument = method if isinstance(method, PrivateKeyJWT) else None
    chosen = options(keycloak, initial_access_token=token)
    configuration = await dynamic_client_registration(keycloak.issuer, metadata, argument, chosen)
    assert configuration.client_authentication == method
    assert (await client_credentials_grant(configuration)).token_type == "bearer"
    await managed(configuration, argument, chosen)
    assert keycloak.client(configuration.client_id) is None


@pytest.mark.parametrize("form", DiscoveryForm)
async def test_keycloak_is_found_under_the_path_of_its_realm(form: DiscoveryForm, keycloak: Realm) -> None:
    token = Confidential(keycloak.initial_access_token(uses=1))
    chosen = options(keycloak, initial_access_token=token, discovery_form=form)
    configuration = await dynamic_client_registration(keycloak.issuer, WEB, None, chosen)
    await delete_client(configuration)
    # The token was good for one.
    with pytest.raises(RegistrationUnauthorized) as spent:
        await dynamic_client_registration(keycloak.issuer, WEB, None, chosen)
    assert spent.value.status == 401


async def test_keycloak_says_no_in_its_own_way(keycloak: Realm) -> None:
    with pytest.raises(RegistrationUnauthorized) as refusal:
        await dynamic_client_registration(keycloak.issuer, WEB, None, options(keycloak))
    assert refusal.value.status == 403
    let_in = options(keycloak, initial_access_token=Confidential(keycloak.initial_access_token()))
    with pytest.raises(RegistrationRejected) as rejected:
        await dynamic_client_registration(keycloak.issuer, {**WEB, "unheard_of": "x"}, None, let_in)
    assert rejected.value.status == 400
    assert "unheard_of" in str(rejected.value)
