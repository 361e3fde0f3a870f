"""Canaille does what the operator's tests lean on: where node-oidc-provider is strict, it is not."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.parts.canaille import Canaille
from tests.parts.canaille import canaille as run_canaille
from tests.parts.certificates import CertificateAuthority
from tests.parts.processes import wait_for

WEB = {"client_name": "web", "redirect_uris": ["https://web.example/cb"], "contacts": ["a@web.example"]}


@pytest.fixture
def http(certificate_authority: CertificateAuthority) -> Iterator[httpx.Client]:
    context = ssl.create_default_context(cafile=certificate_authority.bundle)
    with httpx.Client(verify=context, trust_env=False, headers={"accept": "application/json"}) as client:
        yield client


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def register(http: httpx.Client, server: Canaille, headers: dict[str, str]) -> httpx.Response:
    metadata = http.get(f"{server.issuer}/.well-known/oauth-authorization-server").json()
    assert metadata["issuer"] == server.issuer
    return http.post(metadata["registration_endpoint"], json=WEB, headers=headers)


def registered(http: httpx.Client, server: Canaille) -> dict[str, Any]:
    answer = register(http, server, bearer(server.initial_access_token()))
    assert answer.status_code == 201
    client: dict[str, Any] = answer.json()
    return client


def test_an_initial_access_token_registers_one_client(canaille: Canaille, http: httpx.Client) -> None:
    token = bearer(canaille.initial_access_token())
    answers = [register(http, canaille, headers) for headers in ({}, token, token)]
    assert [answer.status_code for answer in answers] == [400, 201, 400]
    assert answers[2].json()["error"] == "access_denied"


def test_an_update_merges_and_the_registration_access_token_stays(canaille: Canaille, http: httpx.Client) -> None:
    client = registered(http, canaille)
    uri, token = client["registration_client_uri"], bearer(client["registration_access_token"])
    body = {"client_id": client["client_id"], "redirect_uris": ["https://web.example/other"]}
    assert http.put(uri, json=body, headers=token).status_code == 200
    read = http.get(uri, headers=token).json()
    assert (read["redirect_uris"], read["contacts"]) == (["https://web.example/other"], ["a@web.example"])


def test_a_deleted_client_answers_400_access_denied(canaille: Canaille, http: httpx.Client) -> None:
    client = registered(http, canaille)
    uri, token = client["registration_client_uri"], bearer(client["registration_access_token"])
    assert http.delete(uri, headers=token).status_code == 204
    answer = http.delete(uri, headers=token)
    assert (answer.status_code, answer.json()["error"]) == (400, "access_denied")


def test_its_log_names_each_request(canaille: Canaille, http: httpx.Client) -> None:
    since = canaille.log.mark()
    register(http, canaille, {})
    expected = ["GET /.well-known/oauth-authorization-server 200", "POST /oauth/register 400"]
    # It writes a line after its answer: a deletion of before may be told now.
    wait_for(
        lambda: [str(r) for r in canaille.log.requests(since=since) if r.method != "DELETE"] == expected,
        "exactly two requests",
        within=10,
    )


def test_it_can_be_open(tmp_path: Path, certificate_authority: CertificateAuthority, http: httpx.Client) -> None:
    with run_canaille(tmp_path, certificate_authority, initial_access_token=False) as server:
        assert register(http, server, {}).status_code == 201
    assert not server.process.running()
