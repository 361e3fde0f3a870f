"""What the API server refuses at apply, `check` refuses without one: the tables of the admission tests, run as values."""

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from oauthclient_operator.commands.manifests.documents import Document
from oauthclient_operator.commands.manifests.found import Manifest
from oauthclient_operator.commands.manifests.judged import Judge, Judged
from oauthclient_operator.commands.manifests.judged_issuer import JudgedIssuer, judge_issuer
from oauthclient_operator.egress.policy import EgressPolicy
from tests.cluster.admission import (
    cluster_issuers,
    discovery_urls,
    issuers,
    secret_templates,
    test_client_metadata,
    test_issuer_ref,
    test_jwks,
    test_private_key,
    test_rotation_fields,
    test_secret,
)
from tests.cluster.admission.cluster_issuer_manifest import cluster_issuer
from tests.cluster.admission.manifests import oauth_client
from tests.pure.test_issuer_contracts import HARMLESS

pytestmark = pytest.mark.contract

ROOM = "shop"
HOSTS = ("idp.internal", "2001:db8::1")
JUDGE = Judge(
    egress=EgressPolicy.parse(private_issuers=HOSTS, http_issuers=HOSTS[:1]),
    metadata_prefixes=("example.com",),
)
TOKEN = {"initialAccessToken": {"secretRef": {"name": "web"}}}
STATEMENT = {"softwareStatement": {"secretRef": {"name": "web"}}}
ADOPTED = {"secretRef": {"name": "web"}}
BY_KEY = test_private_key.SERVICE


def judged(manifest: dict[str, Any]) -> Judged:
    return JUDGE.judge(
        Manifest(kind="OAuthClient", document=Document(number=1, value=manifest, lines={}), path=(), body=manifest)
    )


def table(test: Callable[..., None]) -> Iterator[tuple[str, tuple[Any, ...]]]:
    """Yield the rows that a test of admission is run with."""
    (mark,) = (mark for mark in test.pytestmark if mark.name == "parametrize")  # type: ignore[attr-defined]
    for number, row in enumerate(mark.args[1]):
        values = row.values if isinstance(row, type(pytest.param())) else row
        name = row.id if isinstance(row, type(pytest.param())) and row.id else f"{number}"
        yield f"{test.__name__}: {name}", tuple(values) if isinstance(values, tuple | list) else (values,)


def without(manifest: dict[str, Any], *path: str) -> dict[str, Any]:
    *parents, last = path
    inner = manifest
    for name in parents:
        inner = inner[name]
    del inner[last]
    return manifest


def _refused() -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the manifests of those tables, each with what it is."""
    yield from _refused_metadata()
    yield from _refused_fields()
    yield from _refused_urls()


def _refused_metadata() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, (members, _) in table(test_client_metadata.test_client_metadata_are_refused):
        yield name, oauth_client(ROOM, members=members)
    for name, (member, value) in table(test_client_metadata.test_a_value_of_another_type_is_refused_where_it_stands):
        yield name, oauth_client(ROOM, members=test_client_metadata.WEB | {member: value})
    for name, (key,) in table(test_jwks.test_a_private_member_is_refused_and_not_echoed):
        yield name, test_jwks._client(ROOM, key)
    yield "a symmetric key", test_jwks._client(ROOM, {"kty": "oct"})
    yield "a key without a type", test_jwks._client(ROOM, test_jwks.EC, {"crv": "P-256"})
    yield "a key member of another type", test_jwks._client(ROOM, test_jwks.EC | {"d": ["AQ"]})
    yield "a set without keys", without(test_jwks._client(ROOM), "spec", "clientMetadata", "jwks", "keys")
    for name, (members,) in table(test_private_key.test_a_key_is_refused_where_it_could_not_be_the_clients):
        yield name, oauth_client(ROOM, members=members, privateKey={})


def _refused_fields() -> Iterator[tuple[str, dict[str, Any]]]:
    yield "HS256", oauth_client(ROOM, members=BY_KEY, privateKey={"algorithm": "HS256"})
    yield "Keys without keys", oauth_client(ROOM, rotation={"strategy": "Keys"})
    yield "Server by the calendar", oauth_client(ROOM, rotation={"strategy": "Server", "interval": "720h"})
    for name, (rotation, _) in test_rotation_fields.REFUSED.items():
        yield f"rotation: {name}", oauth_client(ROOM, rotation=rotation)
    for name, (keys, _) in table(test_secret.test_keys_are_refused):
        yield name, oauth_client(ROOM, secret={"keys": keys})
    for name, (secret, _) in secret_templates.REFUSED.items():
        yield f"template: {name}", oauth_client(ROOM, secret=secret)
    yield "a label's value", oauth_client(ROOM, secret={"labels": {"example.com/team": "a b"}})
    for name, (field, value, _) in table(test_secret.test_a_choice_that_does_not_exist_is_answered_by_those_that_do):
        yield name, oauth_client(ROOM, **{field: value})
    for name, (written,) in table(test_secret.test_a_name_that_no_secret_can_have_is_refused):
        yield f"{name} {written}", oauth_client(ROOM, secret={"name": written})
        token = {"initialAccessToken": {"secretRef": {"name": written}}}
        yield f"{name} {written}, of the token", oauth_client(ROOM, registration=token)
        statement = {"softwareStatement": {"secretRef": {"name": written}}}
        yield f"{name} {written}, of the software statement", oauth_client(ROOM, registration=statement)
        yield f"{name} {written}, to adopt", oauth_client(ROOM, adopt={"secretRef": {"name": written}})
    for name, (key,) in table(test_secret.test_a_key_that_no_secret_can_have_is_refused_for_a_software_statement):
        statement = {"softwareStatement": {"secretRef": {"name": "s", "key": key}}}
        yield f"{name} {key}", oauth_client(ROOM, registration=statement)
    for name, (registration, _) in table(test_secret.test_a_software_statement_comes_from_a_secret):
        yield name, oauth_client(ROOM, registration=registration)
    yield "the published Secret is the token's", oauth_client(ROOM, registration=TOKEN)
    yield "the published Secret is the software statement's", oauth_client(ROOM, registration=STATEMENT)
    yield "the published Secret is the one to adopt", oauth_client(ROOM, adopt=ADOPTED)
    yield "an unknown field", oauth_client(ROOM, secretName="web")
    for name, (spec, _) in test_issuer_ref.REFUSED.items():
        yield f"a reference: {name}", test_issuer_ref.referring(ROOM, **spec)


def _refused_urls() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, issuer in issuers.REFUSED.items():
        yield f"issuer: {name}", oauth_client(ROOM, issuer=issuer)
    for issuer in ("HTTPS://idp.example.com", "https://idp.example.com/%zz", f"https://idp.example.com/{'a' * 2048}"):
        yield f"issuer: {issuer[:40]}", oauth_client(ROOM, issuer=issuer)
    yield "no issuer", without(oauth_client(ROOM), "spec", "issuer")
    for name, url in discovery_urls.REFUSED.items():
        for member in ("url", "registrationEndpoint"):
            yield f"{member}: {name}", oauth_client(ROOM, discovery={member: url})
    document = {"url": "https://idp.example.com/metadata.json", "form": "OAuth"}
    yield "a form beside the document", oauth_client(ROOM, discovery=document)


def _admitted() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, (members,) in table(test_client_metadata.test_client_metadata_are_admitted):
        yield name, oauth_client(ROOM, members=members)
    for name, rotation in test_rotation_fields.ADMITTED.items():
        yield f"rotation: {name}", oauth_client(ROOM, rotation=rotation)
    for name, (keys,) in table(test_secret.test_keys_are_admitted):
        if "only the operator" not in name:
            yield name, oauth_client(ROOM, secret={"keys": keys})
    for name, secret in secret_templates.ADMITTED.items():
        yield f"template: {name}", oauth_client(ROOM, secret=secret)
    for name, (key,) in table(test_private_key.test_a_key_is_asked_for_by_its_algorithm_or_by_nothing_more):
        yield name, oauth_client(ROOM, members=BY_KEY, privateKey=key)
    for name, (written,) in table(test_secret.test_a_name_that_a_secret_can_have_is_admitted):
        yield f"{name} {written[:20]}", oauth_client(ROOM, "other", secret={"name": written})
    for issuer in issuers.ADMITTED:
        yield f"issuer: {issuer}", oauth_client(ROOM, issuer=issuer)
    keys = [test_jwks.EC | {"use": "sig", "x_example": {"a": 1}}]
    yield "public keys", test_jwks._client(ROOM, *keys)
    nulls = {"client_secret": None, "client_name": None, "x_example": None}
    yield "null", oauth_client(ROOM, members=test_client_metadata.WEB | nulls)


REFUSED: Mapping[str, dict[str, Any]] = dict(_refused())
ADMITTED: Mapping[str, dict[str, Any]] = dict(_admitted())


@pytest.mark.parametrize("manifest", REFUSED.values(), ids=REFUSED)
def test_what_the_api_server_refuses_is_refused_and_each_place_is_named_once(manifest: dict[str, Any]) -> None:
    found = judged(manifest)
    assert found.problems
    assert all(re.match(r"spec\.\w", problem.place) and len(problem.message) > 10 for problem in found.problems)
    said = [(problem.place, problem.message) for problem in found.problems]
    assert len(said) == len(set(said))


@pytest.mark.parametrize("manifest", ADMITTED.values(), ids=ADMITTED)
def test_what_the_api_server_admits_is_admitted(manifest: dict[str, Any]) -> None:
    assert judged(manifest).problems == ()


def judged_issuer(spec: dict[str, Any]) -> JudgedIssuer:
    manifest = cluster_issuer(**spec)
    document = Document(number=1, value=manifest, lines={})
    return judge_issuer(
        Manifest(kind="ClusterOAuthIssuer", document=document, path=(), body=manifest), EgressPolicy.parse()
    )


@pytest.mark.parametrize(
    "why", [why for why in cluster_issuers.REFUSED | cluster_issuers.REQUIRED if why not in HARMLESS]
)
def test_an_issuer_that_the_api_server_refuses_is_refused(why: str) -> None:
    spec, _ = (cluster_issuers.REFUSED | cluster_issuers.REQUIRED)[why]
    found = judged_issuer(spec)
    assert found.problems
    assert all(re.match(r"spec\.\w", problem.place) and len(problem.message) > 10 for problem in found.problems)


@pytest.mark.parametrize("spec", cluster_issuers.ADMITTED.values(), ids=cluster_issuers.ADMITTED)
def test_an_issuer_that_the_api_server_admits_is_admitted(spec: dict[str, Any]) -> None:
    assert judged_issuer(spec).problems == ()


def test_no_value_of_a_credential_is_repeated() -> None:
    value = "cf136dc3c1fc93f31185e5885805d"
    confidential = ("client_secret", "registration_access_token", "software_statement")
    members = {"grant_types": ["client_credentials"], **dict.fromkeys(confidential, value), "client_name": [value]}
    keys = {"keys": [{"kty": "EC", "d": [value]}]}
    issuer = f"https://user:{value}@idp.example.com"
    manifest = oauth_client(ROOM, members={**members, "jwks": keys}, issuer=issuer, secret={"name": value + "!"})
    found = judged(manifest)
    assert len(found.problems) > 4
    assert value not in repr(found.problems)


def test_the_tables_are_those_of_the_admission_tests() -> None:
    assert (len(REFUSED) > 150, len(ADMITTED) > 40) == (True, True), (len(REFUSED), len(ADMITTED))
