"""The body of any answer to registration, update, deletion, a token request or a proof, and all that is made of it."""

from typing import Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.credentials import content
from oauthclient_operator.errors import AccessTokenRefused, IssuerUnavailable, NotClientInformation
from oauthclient_operator.exchange import Incomplete, Response, bearer
from oauthclient_operator.oauth import rfc6749, rfc7591, rfc7592
from oauthclient_operator.oauth.access_token import received
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.hidden_secrets import hidden
from oauthclient_operator.oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected
from oauthclient_operator.oauth.proof.judgement import judge, judge_control
from oauthclient_operator.oauth.proof.probes import Probe, ProbeKind
from oauthclient_operator.oauth.proof.results import Answered, Calibrated, Refused, Valid
from oauthclient_operator.oauth.salvage import ISSUED
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.envelope import manifest, read
from oauthclient_operator.record.transitions import absorb, open_call
from oauthclient_operator.resource.publication import Publication
from tests.fuzz.properties import not_shown, one_line
from tests.fuzz.target import Target
from tests.pure.records import NOW, call, empty_record

PRESENTED: Final = Confidential("presented-token-0123456789abcdef")
HELD: Final = Confidential("held beside it 0123456789abcdef")
ASKED: Final = ClientMetadata.parse(
    {
        "client_name": "web",
        "client_name#ja": "ウェブ",
        "redirect_uris": ["https://shop.example/cb"],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "scope": "openid profile",
        "token_endpoint_auth_method": "client_secret_basic",
    }
)
_CALIBRATED: Final = Calibrated(
    probe=Probe(kind=ProbeKind.REVOCATION),
    control=Answered(status=401, error="invalid_client"),
    accepted=Answered(status=200),
)
_OPENED: Final = open_call(empty_record(), call(empty_record(), CallKind.REGISTER))


def run(data: bytes) -> None:
    cut = Incomplete(cause="the connection ended", status=201, partial=data)
    for answer in (_answer(201, data), _answer(202, data), _answer(400, data), _answer(503, data), cut):
        _judged(rfc7591.judge(answer, presented=PRESENTED, held=(HELD,)))
    for status in (200, 401):
        _judged(rfc7592.judge_read(_answer(status, data), "c1", presented=PRESENTED, held=(HELD,)))
        _judged(rfc7592.judge_update(_answer(status, data), "c1", presented=PRESENTED, held=(HELD,)))
    for status in (204, 202, 404, 501):
        _judged(rfc7592.judge_deletion(_answer(status, data), presented=PRESENTED, held=(HELD,)))
    for status in (200, 400):
        _token(rfc6749.judge_token(_answer(status, data), PRESENTED))
        _access(_answer(status, data))
    for answer in (_answer(200, data), _answer(400, data), _answer(401, data), _answer(503, data), cut):
        _proof(answer)


def _answer(status: int, data: bytes) -> Response:
    return Response(status=status, body=data, headers={"dpop-nonce": "n"})


def _judged(outcome: Outcome) -> None:
    not_shown(PRESENTED, outcome)
    match outcome:
        case Rejected():
            one_line(outcome.sentence())
            not_shown(PRESENTED, outcome.sentence())
            not_shown(HELD, outcome.sentence())
            assert outcome.salvage.keys() <= set(ISSUED)
        case Ambiguous() | NotUnderstood():
            one_line(outcome.cause)
            not_shown(HELD, outcome.cause)
            assert outcome.salvage.keys() <= set(ISSUED)
        case Committed() if outcome.members:
            _registered(outcome)


def _access(answer: Response) -> None:
    try:
        found = received(answer, (PRESENTED,))
    except (AccessTokenRefused, IssuerUnavailable) as error:
        one_line(str(error))
        not_shown(PRESENTED, error)
        return
    assert 0 < len(found.access_token.reveal()) <= rfc6749.TOKEN_LIMIT
    assert bearer(found.access_token).scheme == "Bearer"


def _proof(answer: Response | Incomplete) -> None:
    control, verdict = judge_control(answer), judge(answer, _CALIBRATED)
    not_shown(PRESENTED, control, verdict)
    assert isinstance(verdict, Valid) or answer.status != 200
    if isinstance(verdict, Refused):
        # What condemns a client could be its control's answer.
        assert isinstance(control, Answered)


def _registered(outcome: Committed) -> None:
    try:
        information = ClientInformation.parse(outcome.members)
    except NotClientInformation as error:
        raise AssertionError("what is committed has no client") from error
    token = information.registration_access_token
    for secret in (information.client_secret, token):
        not_shown(secret, outcome, information)
    assert 0 <= information.client_secret_expires_at < 253_370_764_800
    assert ClientInformation.parse(information.to_members()) == information
    one_line(rfc7591.insufficiency(ASKED, information))
    rfc7591.token_endpoint_auth_method(ASKED, information)
    assert set(rfc7591.deviations(ASKED, information)) <= set(ASKED.members)
    rfc7591.kept_members({**information.metadata, "contacts": ["a@b"]}, ASKED.members, information)
    _recorded(information)
    merged = rfc7592.merged(information, information)
    assert merged.members == information.members
    if token is not None and information.registration_client_uri is not None:
        request = rfc7592.update_request(information, ASKED, ("tos_uri",))
        assert request.body is not None
        not_shown(token, request, public=request.url)
        rfc7592.deletion_request(information)


def _recorded(information: ClientInformation) -> None:
    """Hold what was answered to a registration to come out of its record as it went in."""
    assert _OPENED.open is not None
    one_line(hidden(information.client_secret))
    record = absorb(_OPENED, _OPENED.open, information, {}, NOW)
    stored = manifest(record, "records")
    assert (
        read({**stored, "metadata": {"name": record.subject.uid, "uid": "u", "resourceVersion": "1"}}).record == record
    )
    for client in record.clients:
        assert client.information == information
        content(client, Publication(secret_name="web"))


def _token(outcome: rfc6749.TokenOutcome) -> None:
    not_shown(PRESENTED, outcome)
    match outcome:
        case rfc6749.TokenResponse():
            for secret in (outcome.access_token, outcome.refresh_token):
                not_shown(secret, outcome, public=f"{outcome.token_type} {outcome.scope!r} {outcome.scope}")
            assert outcome.expires_in is None or outcome.expires_in >= 0
        case rfc6749.NoTokenResponse():
            one_line(outcome.cause)


TARGET: Final = Target(
    name="answers",
    run=run,
    parsers=(
        rfc7591.judge,
        rfc7592.judge_read,
        rfc7592.judge_update,
        rfc7592.judge_deletion,
        rfc6749.judge_token,
        received,
        judge_control,
        judge,
        ClientInformation.parse,
        rfc7591.insufficiency,
        rfc7591.deviations,
        rfc7592.update_request,
        absorb,
        content,
    ),
    words=tuple(
        word.encode()
        for word in (
            *ISSUED,
            *ASKED.members,
            "jwks",
            "jwks_uri",
            "error",
            "error_description",
            "invalid_client_metadata",
            "invalid_token",
            "invalid_client",
            "use_dpop_nonce",
            "access_token",
            "refresh_token",
            "token_type",
            "expires_in",
            "none",
            "private_key_jwt",
            "client_name#JA",
            "c1",
            PRESENTED.reveal(),
            HELD.reveal(),
        )
    ),
)
