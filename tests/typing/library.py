"""The library as its users see it, for mypy alone: what is declared here is what they are promised."""

from pathlib import Path
from typing import assert_type

from oauthclient_operator.client_library import (
    Answer,
    Challenge,
    ClientSecretBasic,
    Configuration,
    DiscoveryForm,
    MetadataDocument,
    Options,
    PrivateKey,
    Request,
    Response,
    Send,
    TokenResponse,
    client_credentials_grant,
    delete_client,
    dynamic_client_registration,
    read_client,
    restore,
    update_client,
)
from oauthclient_operator.confidential import Confidential
from oauthclient_operator.errors import OAuthError, RegistrationAmbiguous


async def transport(request: Request, send: Send) -> Answer:
    answer = await send(request)
    assert_type(answer, Answer)
    return Response(status=200) if request.url.startswith("https://op.example.com") else answer


def shorter(configuration: Configuration) -> Configuration:
    return configuration


async def registered() -> None:
    options = Options(
        initial_access_token=Confidential("iat"),
        dpop_key=PrivateKey.parse(Confidential("pem")),
        timeout=5,
        discovery_form=DiscoveryForm.OAUTH,
        execute=(shorter, lambda configuration: configuration),
        transport=transport,
        ca_bundle=Path("ca.pem"),
        use_mtls_endpoint_aliases=True,
    )
    metadata = {"client_name": "Shop", "redirect_uris": ["https://shop.example.com/cb"], "require_auth_time": True}
    configuration = await dynamic_client_registration("https://op.example.com", metadata, ClientSecretBasic(), options)
    assert_type(configuration, Configuration)
    assert_type(configuration.client_secret, Confidential | None)
    assert_type(configuration.endpoint("token_endpoint"), str | None)
    assert_type(await client_credentials_grant(configuration, {"scope": "a"}), TokenResponse)
    again = restore(configuration.to_dict(), ClientSecretBasic(), options)
    assert_type(again, Configuration)
    assert_type(await read_client(again), Configuration)
    assert_type(await update_client(again, metadata), Configuration)
    await delete_client(again)
    document = MetadataDocument(url="https://op.example.com/x.json", issuer="https://op.example.com")
    await dynamic_client_registration(document, {})
    await dynamic_client_registration(7, {})  # type: ignore[arg-type]
    lists: dict[str, list[str]] = {"redirect_uris": ["https://shop.example.com/cb"]}
    await dynamic_client_registration("https://op.example.com", lists)
    Options(timeout="5")  # type: ignore[arg-type]
    Options(timout=5)  # type: ignore[call-arg]


def caught(error: OAuthError) -> None:
    assert_type(error.code, str)
    assert_type(error.status, int | None)
    assert_type(error.challenges, tuple[Challenge, ...])
    if isinstance(error, RegistrationAmbiguous):
        assert_type(error.registration_access_token, Confidential | None)
