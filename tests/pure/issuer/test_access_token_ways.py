"""The ways to an access token: whom the registrar's token and the client credentials are shown, and as what."""

import pytest

from oauthclient_operator.errors import (
    DiscoveryFailed,
)
from oauthclient_operator.issuer.access_token_requests import Wanted
from oauthclient_operator.oauth.access_token import ByOwnCredentials
from oauthclient_operator.oauth.authentication_methods import PrivateKeyJWT
from oauthclient_operator.oauth.rfc8414 import ServerMetadata, no_metadata
from oauthclient_operator.resource.access import ClientCredentials, ServiceAccountToken, TokenUse
from tests.pure.issuer.access_token_ground import ADDRESS, JWT, Ground, answer
from tests.pure.oauth.at_the_token_endpoint import KEY, SERVER, parts


@pytest.fixture
async def ground() -> Ground:
    return Ground()


async def test_a_token_endpoint_at_another_origin_is_shown_nothing(ground: Ground) -> None:
    server = ServerMetadata(
        issuer=SERVER.issuer,
        registration_endpoint=None,
        endpoints={"token_endpoint": "https://elsewhere.example/token"},
        token_endpoint_auth_methods_supported=(),
        grant_types_supported=(),
    )
    assert "spec.reach.endpointOrigins" in str(await ground.fails(server=server))
    assert ground.sent == []


async def test_an_issuer_without_a_token_endpoint_is_said_to_have_none(ground: Ground) -> None:
    why = await ground.fails(server=no_metadata(SERVER.issuer))
    assert isinstance(why, DiscoveryFailed)
    assert ground.sent == []


async def test_client_credentials_ask_for_what_the_access_says(ground: Ground) -> None:
    access = ClientCredentials(secret="s", scope="client.create", audience="urn:a", resources=("urn:x:y",))
    await ground.obtain(Wanted(address=ADDRESS, access=access))
    assert ground.forms() == [
        {"grant_type": "client_credentials", "scope": "client.create", "audience": "urn:a", "resource": "urn:x:y"}
    ]
    assert ground.sent[0].authorization is not None
    assert ground.audiences == []


async def test_an_assertion_for_the_issuer_that_is_refused_is_followed_by_one_for_the_token_endpoint(
    ground: Ground,
) -> None:
    good = ground.answers
    ground.answers = lambda: answer(401, error="invalid_client") if len(ground.sent) == 1 else good()
    own = ByOwnCredentials(client_id="registrar", authentication=PrivateKeyJWT(KEY))
    assert (await ground.obtain(own=own)).token.reveal() == "token-1"
    claims = [parts(form["client_assertion"])[1] for form in ground.forms()]
    assert [claim["aud"] for claim in claims] == ["https://idp.example.com", "https://idp.example.com/token"]
    assert claims[0]["jti"] != claims[1]["jti"]


@pytest.mark.parametrize(
    ("access", "form", "asked"),
    [
        pytest.param(
            ServiceAccountToken(use=TokenUse.CLIENT_ASSERTION, scope="a"),
            {
                "grant_type": "client_credentials",
                "scope": "a",
                "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                "client_assertion": JWT,
            },
            (SERVER.issuer, 600),
            id="as a client assertion for the issuer",
        ),
        pytest.param(
            ServiceAccountToken(use=TokenUse.JWT_BEARER, audience="https://other.example", client_id="registrar"),
            {
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": JWT,
                "client_id": "registrar",
            },
            ("https://other.example", 600),
            id="as the grant, for another audience",
        ),
    ],
)
async def test_a_service_accounts_token_is_exchanged(
    ground: Ground, access: ServiceAccountToken, form: dict[str, str], asked: tuple[str, int]
) -> None:
    assert (await ground.obtain(Wanted(address=ADDRESS, access=access), own=None)).token.reveal() == "token-1"
    assert (ground.forms(), ground.audiences) == ([form], [asked])
    assert ground.sent[0].authorization is None


async def test_or_is_the_access_token_itself_and_the_issuer_is_not_asked(ground: Ground) -> None:
    wanted = Wanted(address=ADDRESS, access=ServiceAccountToken(use=TokenUse.BEARER))
    assert (await ground.obtain(wanted, own=None, server=no_metadata(SERVER.issuer))).token.reveal() == JWT
    assert (ground.sent, ground.audiences) == ([], [(SERVER.issuer, 3600)])
    ground.now += 3539
    assert ground.known(wanted) == JWT
    ground.now += 1
    assert ground.known(wanted) is None
