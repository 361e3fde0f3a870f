"""The sentences that say what stands in the way and who can do what about it."""

from dataclasses import replace
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.names import Reason
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.near_miss import near_miss
from oauthclient_operator.oauth.outcome import Ambiguous
from oauthclient_operator.record.attempts import Attempt
from oauthclient_operator.record.calls import Asked, CallKind, CallOutcome, ClosedCall, Said
from oauthclient_operator.record.management import Way
from oauthclient_operator.record.transitions import close, open_call
from oauthclient_operator.resource.terms import ByInitialAccessToken, IssuerResource, IssuerTerms
from oauthclient_operator.status import project
from oauthclient_operator.verdict.deregistering import deletion_unconfirmed
from oauthclient_operator.verdict.publishing import not_owned
from oauthclient_operator.verdict.registering import ambiguous_registration, misnamed, registered, rejected
from oauthclient_operator.verdict.updating import obstacle, update_ambiguous, update_lost
from tests.pure.values import METADATA, NOW, UID, call, empty_record, published, registered_record, resource, secret

NOT_MANAGED = "the ClusterOAuthIssuer says that clients are not managed there (spec.dialect.management: None)"
GAVE_NOTHING = "the authorization server gave no usable registration_client_uri with registration_access_token"
CANNOT_BE_CALLED = "the registration_client_uri that the authorization server gave cannot be called"


def elsewhere(origin: str) -> str:
    return (
        f'its registration_client_uri is at "{origin}", another origin than the issuer\'s: if that is as it should be, '
        "the operator's administrator can set --allow-endpoint-origin"
    )


@pytest.mark.parametrize(
    ("members", "way", "said"),
    [
        pytest.param({}, Way.TOKEN, None, id="nothing"),
        pytest.param({"registration_client_uri": None}, Way.TOKEN, GAVE_NOTHING, id="no address"),
        pytest.param({"registration_access_token": None}, Way.TOKEN, GAVE_NOTHING, id="no token"),
        pytest.param(
            {"registration_client_uri": "https://idp.internal:8443/reg/c1?x=y"},
            Way.OUT_OF_REACH,
            elsewhere("https://idp.internal:8443"),
            id="another origin",
        ),
        pytest.param(
            {"registration_client_uri": "https://user@idp.internal/reg"},
            Way.OUT_OF_REACH,
            CANNOT_BE_CALLED,
            id="a user name",
        ),
        pytest.param({"registration_client_uri": "/reg/c1"}, Way.OUT_OF_REACH, CANNOT_BE_CALLED, id="a path"),
        pytest.param({"registration_client_uri": "https://[::1/reg"}, Way.OUT_OF_REACH, CANNOT_BE_CALLED, id="no URL"),
        pytest.param(
            {"registration_client_uri": 'https://idp.internal"\u202e/reg'},
            Way.OUT_OF_REACH,
            elsewhere("https://idp.internal'"),
            id="what would rewrite the line",
        ),
        pytest.param({}, Way.ACCESS, None, id="an access token"),
        pytest.param(
            {"registration_access_token": None}, Way.ACCESS, None, id="an access token in the place of its own"
        ),
        pytest.param({"registration_client_uri": None}, Way.ACCESS, GAVE_NOTHING, id="no address for an access token"),
        pytest.param({}, Way.NOTHING, NOT_MANAGED, id="what its issuer resource says"),
    ],
)
def test_why_a_client_can_be_neither_changed_nor_deregistered(
    members: dict[str, Any], way: Way, said: str | None
) -> None:
    record = registered_record(**members)
    assert obstacle(published(record), way) == said
    status = project(resource(), registered(published(record)), record, None, way=way, now=NOW)
    assert status.registration is not None
    assert status.registration.manageable is (said is None)
    (message,) = [c.message for c in status.conditions if c.type == "Registered"]
    assert message == 'client "c1" is registered' + (
        f", and can be neither changed nor deregistered: {said}" if said else ""
    )


@pytest.mark.parametrize(
    ("status", "bearer", "advice"),
    [
        pytest.param(401, None, "or let the server's administrator allow open registration", id="401, no token"),
        pytest.param(403, None, "or let the server's administrator allow open registration", id="403, no token"),
        pytest.param(401, "a token", "put a valid initial access token into the Secret", id="401, a token"),
        pytest.param(403, "a token", "does not suffice for what spec.clientMetadata asks", id="403, a token"),
    ],
)
def test_who_is_not_let_in_learns_what_can_be_changed(status: int, bearer: str | None, advice: str) -> None:
    refusal = Said(status=status, error="insufficient_scope", description="Policy 'Trusted Hosts' rejected request")
    made = call(empty_record(), CallKind.REGISTER, bearer=bearer)
    said = rejected(ClosedCall(call=made, outcome=CallOutcome.REJECTED, at=NOW, said=refusal))
    assert (said.reason, said.stalled) == (Reason.REGISTRATION_UNAUTHORIZED, True)
    assert f"""(HTTP {status} insufficient_scope: "Policy 'Trusted Hosts' rejected request")""" in said.message
    assert advice in said.message


@pytest.mark.parametrize(
    ("said", "bearer", "words"),
    [
        pytest.param(
            Said(status=401, error="invalid_token"),
            "a token",
            "put a valid initial access token into the Secret that spec.access.initialAccessToken of ClusterOAuthIssuer "
            "corporate names, in the operator's namespace;",
            id="401, a token",
        ),
        pytest.param(
            Said(status=401, error="use_dpop_nonce"),
            "a token",
            "as dpop_key in the Secret that spec.access.initialAccessToken of ClusterOAuthIssuer corporate names",
            id="a DPoP proof",
        ),
        pytest.param(
            Said(status=401),
            None,
            "name a Secret with an initial access token in spec.access.initialAccessToken of ClusterOAuthIssuer "
            "corporate,",
            id="401, no token",
        ),
        pytest.param(
            Said(status=404),
            "a token",
            "correct spec.discovery.registrationEndpoint of ClusterOAuthIssuer corporate where it is written",
            id="404",
        ),
        pytest.param(
            Said(status=400, error="unapproved_software_statement"),
            "a token",
            "write spec.issuer in place of issuerRef, put one into a Secret, and name that in spec.registration.",
            id="a software statement",
        ),
    ],
)
def test_who_has_a_client_of_an_issuer_resource_learns_that_it_is_corrected_there(
    said: Said, bearer: str | None, words: str
) -> None:
    whose = IssuerResource(name="corporate", uid="u", generation=1)
    terms = IssuerTerms(issuer="https://issuer.example", access=ByInitialAccessToken("t"), resource=whose)
    made = call(empty_record(), CallKind.REGISTER, bearer=bearer)
    refused = ClosedCall(call=made, outcome=CallOutcome.REJECTED, at=NOW, said=said)
    message = rejected(refused, None, terms).message
    assert words in message
    assert "spec.registration.initialAccessToken" not in message


def test_what_was_wrong_with_an_answer_that_was_taken_is_said_with_what_it_brought() -> None:
    record = registered_record()
    call_of_it = record.answering(published(record))
    assert call_of_it is not None
    odd = replace(call_of_it, said=Said(description="a header line that is not HTTP; a client_id that is a number"))
    said = registered(published(record), odd).message
    assert said.endswith("is not as it should be: a header line that is not HTTP; a client_id that is a number")
    assert "should be" not in registered(published(record), call_of_it).message


def test_why_an_answer_was_lost_is_said_of_the_attempt_that_it_was_lost_of() -> None:
    record = empty_record()
    for cause in ("no complete response within 20 s", "the connection broke"):
        made = call(record, CallKind.REGISTER)
        record = close(open_call(record, made), made, Ambiguous(cause=cause), NOW)
    last = record.last(CallKind.REGISTER)
    assert "attempt 2 at https://issuer.example/register was lost (the connection broke): a client" in (
        ambiguous_registration(record.suspects, UID, last, held=True).message
    )
    assert "attempt 1 at https://issuer.example/register was lost: a client" in (
        ambiguous_registration(record.suspects[:1], UID, last, held=True).message
    )


def test_why_an_update_was_lost_is_said() -> None:
    made = call(registered_record(), CallKind.UPDATE, client=published(registered_record()).key)
    lost = ClosedCall(call=made, outcome=CallOutcome.AMBIGUOUS, at=NOW, said=Said(description="reset"))
    assert "was lost (reset); the update is repeated" in update_lost(lost).message
    assert "was lost (reset), and repeating it" in update_ambiguous(lost).message


LACKS: dict[str, tuple[dict[str, Any], dict[str, Any], str]] = {
    "nothing": ({}, {}, ""),
    "a typo, with what was meant": (
        {"scopes": "openid"},
        {},
        "; the authorization server registered otherwise than asked: scopes (did you mean scope?)",
    ),
    "two": (
        {"logo_url": "https://a.example/l", "client_uri": "https://a.example"},
        {},
        "; the authorization server registered otherwise than asked: client_uri, logo_url (did you mean logo_uri?)",
    ),
    "an extension that is nobody's typo": (
        {"x_tenant_limits": 5},
        {},
        "; the authorization server registered otherwise than asked: x_tenant_limits",
    ),
    "more than a sentence holds": (
        {f"x_{letter}": 1 for letter in "abcdefg"},
        {},
        "; the authorization server registered otherwise than asked: x_a, x_b, x_c, x_d, x_e and 2 more",
    ),
}


@pytest.mark.parametrize(("asked", "answered", "said"), LACKS.values(), ids=LACKS)
def test_what_the_server_ignored_is_named_and_it_is_ready_all_the_same(
    asked: dict[str, Any], answered: dict[str, Any], said: str
) -> None:
    client = published(registered_record(**METADATA, **answered))
    assert client.confirmed is not None
    client = replace(client, confirmed=Asked("v1:x", {**METADATA, **asked}))
    verdict = registered(client)
    assert (verdict.reason, verdict.stalled) == (Reason.REGISTERED, False)
    assert verdict.message.removeprefix('registered as client "c1"').partition("; the issuer publishes")[0] == said


def test_a_server_that_answers_with_no_metadata_says_nothing_of_them() -> None:
    bare = published(registered_record())
    information = ClientInformation.parse({"client_id": "c1"})
    verdict = registered(replace(bare, answer=replace(bare.answer, information=information)))
    assert "otherwise than asked" not in verdict.message


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("scopes", "scope"),
        ("logo_url", "logo_uri"),
        ("redirect_uri", "redirect_uris"),
        ("client-name", "client_name"),
        ("clientname#ja", "client_name"),
        ("grant_type", "grant_types"),
        ("scope", None),
        ("x_limits", None),
        ("q" * 10_000, None),
    ],
)
def test_a_near_miss(name: str, meant: str | None) -> None:
    assert near_miss(name) == meant


def closed(what: CallKind, **said: Any) -> ClosedCall:
    return ClosedCall(call=call(empty_record(), what), outcome=CallOutcome.REJECTED, at=NOW, said=Said(**said))


@pytest.mark.parametrize(
    ("members", "said", "hinted"),
    [
        pytest.param({}, {"error": "invalid_redirect_uri"}, True, id="by the code"),
        pytest.param({}, {"description": "redirect_uris is mandatory"}, True, id="by the words"),
        pytest.param({"response_types": []}, {"error": "invalid_redirect_uri"}, False, id="it is written already"),
        pytest.param(
            {"redirect_uris": ["x"]}, {"error": "invalid_redirect_uri"}, False, id="a client with redirection"
        ),
        pytest.param({}, {"error": "invalid_client_metadata"}, False, id="something else is wrong"),
    ],
)
def test_a_client_without_redirection_learns_what_some_servers_want(
    members: dict[str, Any], said: dict[str, Any], hinted: bool
) -> None:
    asked = ClientMetadata.confirmed({"grant_types": ["client_credentials"], **members})
    assert ("response_types: []" in rejected(closed(CallKind.REGISTER, status=400, **said), asked).message) is hinted


@pytest.mark.parametrize(
    ("resolve", "said"),
    [(None, False), ("u1/2", False), ("u1/1", True), ("other/2", True), ("2", True), ("x\n\u202ey", True), ("", True)],
)
def test_a_wrong_resolve_annotation_is_said(resolve: str | None, said: bool) -> None:
    suspects = tuple(Attempt(number=n, issuer="i", endpoint="https://i/r", sent_at=NOW, until=NOW) for n in (1, 2))
    message = misnamed(suspects, "u1", resolve)
    assert (message is not None) is said
    if message is not None:
        assert message.isprintable()
        assert 'which settles nothing: the newest registration attempt that may have left a client is "u1/2"' in message
    assert misnamed((), "u1", resolve) is None


@pytest.mark.parametrize(
    ("values", "whose"),
    [
        ({"owner_names": ("Deployment web",)}, "it belongs to Deployment web; it"),
        ({"owner_names": ("OAuthClient other",)}, "it belongs to OAuthClient other; it"),
        ({"owner_names": ("OAuthClient web",)}, "it belongs to OAuthClient web, one with another UID, which is gone:"),
        ({"owner_names": (), "labels": {names.MANAGED_BY_LABEL: "Helm"}}, 'it is managed by "Helm"'),
        ({"owner_names": (), "labels": {}}, "it has no owner reference at all"),
    ],
)
def test_a_secret_in_the_way_is_said_to_be_whose(values: dict[str, Any], whose: str) -> None:
    found = secret(registered_record(), owners=(), **values)
    said = not_owned("web", found, resource_name="web").message
    assert whose in said
    # Either of two that name one Secret would publish there once it is removed.
    assert ("nor deleted: remove it, " in said) is ("OAuthClient other" not in whose)


def test_a_deletion_that_is_not_confirmed_says_how_to_let_go() -> None:
    said = deletion_unconfirmed(published(registered_record()), None).message
    assert "set spec.policy.deletion to Retain" in said
