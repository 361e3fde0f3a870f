"""What answers about clients tell of their server: the status of an issuer says it, and no answer takes it back."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.plan.observed_server import observed_in
from oauthclient_operator.record.clients import Answer, Client
from oauthclient_operator.resource.issuer_status import Observed
from tests.pure.records import registered_record

MANAGED: dict[str, Any] = {
    "registration_client_uri": "https://idp.example/register/c1",
    "registration_access_token": "rat-1",
}
SECRET: dict[str, Any] = {"client_secret": "s", "client_secret_expires_at": 0}


def client(call: int = 1, **members: Any) -> Client:
    (found,) = registered_record().clients
    information = ClientInformation.parse({"client_id": "c1", **members})
    return replace(found, answer=Answer(information=information, call=call))


@pytest.mark.parametrize(
    ("before", "now", "seen"),
    [
        pytest.param(None, client(**MANAGED, **SECRET), (True, None, False), id="a registration as the RFCs have it"),
        pytest.param(None, client(**SECRET), (False, None, False), id="one that nobody can manage"),
        pytest.param(None, client(**MANAGED), (True, None, None), id="a public client has no secret that could expire"),
        pytest.param(
            None,
            client(client_secret="s", client_secret_expires_at=1900000000),
            (False, None, True),
            id="one that expires",
        ),
        pytest.param(
            client(**MANAGED, **SECRET),
            client(2, **{**MANAGED, "registration_access_token": "rat-2"}, **SECRET),
            (True, True, False),
            id="an update with another token",
        ),
        pytest.param(client(**MANAGED), client(2, **MANAGED), (True, False, None), id="an update with the same token"),
        pytest.param(client(**MANAGED), client(**MANAGED), (None, None, None), id="no answer since then"),
    ],
)
def test_what_an_answer_tells(before: Client | None, now: Client, seen: tuple[bool | None, ...]) -> None:
    manageable, rotates, expires = seen
    assert observed_in(before, now) == Observed(
        manageable=manageable, registration_access_tokens_rotate=rotates, secrets_expire=expires
    )


@pytest.mark.parametrize(
    ("now", "before", "known"),
    [(None, None, None), (False, None, False), (None, True, True), (False, True, True), (True, False, True)],
)
def test_what_a_server_did_once_stays(now: bool | None, before: bool | None, known: bool | None) -> None:
    seen = Observed(manageable=now).over(Observed(manageable=before))
    assert seen == Observed(manageable=known)
