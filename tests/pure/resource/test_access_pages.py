"""The pages on the ways in say what the code takes: their specs, their Secrets, the keys and words of their tables."""

import base64
import re
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from oauthclient_operator.resource import client_credentials_secret
from oauthclient_operator.resource.access import (
    AuthenticationMethod,
    ClientCredentials,
    ServiceAccountToken,
    TokenUse,
)
from oauthclient_operator.resource.addressed_secret import Recipient
from oauthclient_operator.resource.client_credentials_secret import client_credentials
from oauthclient_operator.resource.cluster_oauth_issuer import ClusterOAuthIssuer
from oauthclient_operator.resource.initial_access_token import initial_access_token
from oauthclient_operator.resource.secret import Secret
from oauthclient_operator.resource.terms import Access, ByInitialAccessToken, IssuerTerms
from tests.pure.resource.issuers import issuer_body

pytestmark = pytest.mark.contract

PAGES: Final = Path(__file__).parents[3] / "docs" / "issuers"
WAYS: Final = {
    "initial-access-token": ByInitialAccessToken,
    "client-credentials": ClientCredentials,
    "service-account-token": ServiceAccountToken,
}
REALM: Final = "https://idp.example.com/realms/shop"
TO: Final = Recipient(issuer=REALM, endpoint=f"{REALM}/token")


def text(page: str) -> str:
    return (PAGES / f"{page}.md").read_text()


def documents(page: str) -> list[dict[str, Any]]:
    (block,) = re.findall(r"^```yaml\n(.*?)^```$", text(page), re.MULTILINE | re.DOTALL)
    return list(yaml.safe_load_all(block))


def access(page: str) -> Access:
    """Return the way in that the page's spec says."""
    terms = IssuerTerms.of_issuer(ClusterOAuthIssuer.parse(issuer_body(**documents(page)[0]["spec"])), None)
    assert terms.problems == ()
    return terms.access


def beside(page: str) -> Secret:
    """Return the Secret that the page shows, as the API server would have it."""
    manifest = documents(page)[1]
    data: dict[str, Any] = {
        key: base64.b64encode(value.encode()).decode() for key, value in manifest["stringData"].items()
    }
    return Secret.parse({"metadata": manifest["metadata"], "type": manifest["type"], "data": dict(data)})


def first_column(page: str, head: str) -> set[str]:
    """Return the words in the first column of a table."""
    rows = text(page).split(f"\n| {head} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return {word for row in rows for word in re.findall(r"`(\w+)`", row.split(" | ")[0])}


@pytest.mark.parametrize(("page", "way"), WAYS.items(), ids=WAYS)
def test_each_page_shows_its_way_and_the_overview_leads_there(page: str, way: type) -> None:
    assert isinstance(access(page), way)
    assert f"]({page}.md)" in text("access")


def test_the_secret_of_a_token_is_taken() -> None:
    found = access("initial-access-token")
    assert isinstance(found, ByInitialAccessToken)
    assert initial_access_token(beside("initial-access-token"), found.secret, TO).token.reveal() == "REPLACE-ME"


def test_the_secret_of_client_credentials_is_taken() -> None:
    found = access("client-credentials")
    assert isinstance(found, ClientCredentials)
    assert client_credentials(beside("client-credentials"), found.secret, TO).client_id == "registrar"


def test_its_keys_are_those_that_are_read() -> None:
    read = {
        value
        for name, value in vars(client_credentials_secret).items()
        if re.fullmatch(r"_[A-Z_]+", name) and isinstance(value, str)
    }
    assert first_column("client-credentials", "key of the Secret") == read | {"issuer", "token_endpoint"}


def test_all_words_that_can_be_written_are_told() -> None:
    assert first_column("service-account-token", "`method`") == set(TokenUse)
    assert [method for method in AuthenticationMethod if f"`{method}`" not in text("client-credentials")] == []
