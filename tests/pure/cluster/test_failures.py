"""What an answer of the API server means: the Status objects are those of a real one, as it sent them."""

import json
from typing import Any

import pytest

from oauthclient_operator.cluster.failures import failure
from oauthclient_operator.cluster.target import secret
from oauthclient_operator.errors import (
    AlreadyExists,
    ClusterError,
    Conflict,
    NamespaceMissing,
    NamespaceTerminating,
    NotFound,
    QuotaNotCounted,
    QuotaUsedUp,
    RequestRefused,
    StorageNotReady,
    Unanswered,
)

WEB = secret("shop", "web")
DENIED = (
    "secrets \"web\" is forbidden: ValidatingAdmissionPolicy 'oauthclient-operator' with binding "
    "'oauthclient-operator' denied request: only Opaque Secrets that an OAuthClient owns"
)

USED_UP = 'secrets "web" is forbidden: exceeded quota: q, requested: count/secrets=1, used: count/secrets=1'
NOT_COUNTED = 'secrets "web" is forbidden: status unknown for quota: q, resources: count/secrets'
HOOKED = 'admission webhook "teams.example.com" denied the request: every Secret needs a team'


def status(reason: str | None, message: str = "", **details: Any) -> bytes:
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "message": message}
    return json.dumps(
        body | ({"reason": reason} if reason else {}) | ({"details": details} if details else {})
    ).encode()


def cause(reason: str, field: str = "", message: str = "") -> dict[str, str]:
    return {"reason": reason, "field": field, "message": message}


ROWS: list[tuple[str, int, bytes, type[ClusterError], str]] = [
    ("none of that name", 404, status("NotFound", name="web", kind="secrets"), NotFound, "404 NotFound"),
    (
        "no such namespace",
        404,
        status("NotFound", name="shop", kind="namespaces"),
        NamespaceMissing,
        "404 NotFound: there is no namespace shop",
    ),
    ("no such resource: the CRD is not there", 404, b"404 page not found\n", Unanswered, "it has no such kind: are"),
    ("a proxy's 404", 404, b"<html>nginx</html>", Unanswered, "something else than"),
    ("a proxy's 403", 403, b"", Unanswered, "answered 403 by something else than the API server"),
    ("a proxy's 413", 413, b'{"error": "too large"}', Unanswered, "answered 413"),
    ("the name is taken", 409, status("AlreadyExists", name="web", kind="secrets"), AlreadyExists, "409 AlreadyExists"),
    ("a PATCH of a newer one", 409, status("Conflict", name="web", kind="secrets"), Conflict, "409 Conflict"),
    ("a DELETE of a newer one", 409, status("Conflict", name="web", kind="Secret"), Conflict, "409 Conflict"),
    (
        "a conflict while counting quota",
        409,
        status("Conflict", name="q", kind="resourcequotas"),
        Unanswered,
        "on a quota",
    ),
    (
        "a PATCH of another UID",
        422,
        status(
            "Invalid", causes=[cause("FieldValueInvalid", "metadata.uid", 'Invalid value: "x": field is immutable')]
        ),
        Conflict,
        "it is another object of that name",
    ),
    (
        "an immutable Secret",
        422,
        status(
            "Invalid",
            causes=[cause("FieldValueForbidden", "data", "Forbidden: field is immutable when `immutable` is set")],
        ),
        RequestRefused,
        "422 Invalid: data: Forbidden: field is immutable when `immutable` is set",
    ),
    (
        "an invalid value, which is not repeated",
        422,
        status("Invalid", "hunter2", causes=[cause("FieldValueInvalid", "data[a b]", 'Invalid value: "hunter2"')]),
        RequestRefused,
        "422 Invalid: data[a b]: FieldValueInvalid",
    ),
    (
        "an invalid value, and that further rules were not asked for it",
        422,
        status("Invalid", "x", causes=[cause("FieldValueInvalid", "a"), cause("FieldValueInvalid", "<nil>", "some")]),
        RequestRefused,
        "422 Invalid: a: FieldValueInvalid",
    ),
    ("not understood", 400, status("BadRequest", "illegal base64 hunter2"), RequestRefused, "400 BadRequest"),
    (
        "too large",
        413,
        status("RequestEntityTooLarge", "limit is 3145728"),
        RequestRefused,
        "413 RequestEntityTooLarge",
    ),
    ("the admission policy", 403, status("Forbidden", DENIED, name="web"), RequestRefused, DENIED),
    *(
        (
            f"a policy that says {reason}",
            code,
            status(reason, DENIED, causes=[cause("", "", "x")]),
            RequestRefused,
            DENIED,
        )
        for code, reason in ((422, "Invalid"), (401, "Unauthorized"), (413, "RequestEntityTooLarge"), (400, None))
    ),
    *(
        (f"a webhook that says {code}", code, status(reason, HOOKED), RequestRefused, HOOKED)
        for code, reason in ((400, None), (404, "NotFound"), (409, "Conflict"), (429, None), (500, "InternalError"))
    ),
    (
        "quota",
        403,
        status("Forbidden", USED_UP),
        QuotaUsedUp,
        "exceeded quota: q",
    ),
    (
        "a quota of a moment ago",
        403,
        status("Forbidden", NOT_COUNTED),
        QuotaNotCounted,
        "status unknown for quota: q",
    ),
    (
        "a policy that says it like such a quota",
        403,
        status("Forbidden", f"{DENIED} {NOT_COUNTED}"),
        RequestRefused,
        DENIED,
    ),
    (
        "no right on Secrets",
        403,
        status("Forbidden", 'secrets is forbidden: User "o" cannot create resource "secrets" in API group ""'),
        RequestRefused,
        "give the operator rights on Secrets here: in a tenant's namespace by deploy/namespace, else by deploy/",
    ),
    (
        "a namespace that goes",
        403,
        status("Forbidden", "being terminated", causes=[cause("NamespaceTerminating", "metadata.namespace")]),
        NamespaceTerminating,
        "being terminated",
    ),
    ("a policy that says it like a quota", 403, status("Forbidden", f"{DENIED} {USED_UP}"), RequestRefused, DENIED),
    ("a token that is not taken", 401, status("Unauthorized", "Unauthorized"), Unanswered, "401 Unauthorized"),
    (
        "a definition of a moment ago",
        429,
        status("TooManyRequests", "storage is (re)initializing", retryAfterSeconds=1),
        StorageNotReady,
        "429 TooManyRequests",
    ),
    (
        "too many requests",
        429,
        b"Too many requests, please try again later.\n",
        Unanswered,
        "answered 429 by something else than the API server, or it is asked too much",
    ),
    (
        "a webhook that failed",
        500,
        status(
            "InternalError",
            'Internal error occurred: failed calling webhook "theirs.example.com": failed to call webhook: '
            'Post "https://hunter2.example:443/x?timeout=2s": dial tcp: connection refused',
        ),
        Unanswered,
        "500 InternalError: the admission webhook theirs.example.com failed, which is asked before every such write",
    ),
    (
        "a webhook that failed, under a name that is none",
        500,
        status("InternalError", 'failed calling webhook "hunter2 said": hunter2'),
        Unanswered,
        "500 InternalError",
    ),
    (
        "an API server that begins and has not read what it needs",
        403,
        status("Forbidden", 'secrets "web" is forbidden: not yet ready to handle request', name="web", kind="secrets"),
        Unanswered,
        "403 Forbidden",
    ),
    ("no leader in its storage", 503, b"upstream connect error", Unanswered, "503"),
    ("its storage's silence", 500, status(None, "rpc error: code = Unavailable"), Unanswered, "500"),
    (
        "its storage's silence, with an address",
        500,
        status(None, "rpc error: code = Unavailable desc = hunter2"),
        Unanswered,
        "500: rpc error: code = Unavailable",
    ),
    (
        "its storage is full",
        500,
        status(None, "etcdserver: mvcc: database space exceeded"),
        Unanswered,
        "500: etcdserver: mvcc: database space exceeded; the cluster's storage is full: nothing can be written until",
    ),
    (
        "its storage is slow",
        500,
        status(None, "etcdserver: request timed out"),
        Unanswered,
        "etcdserver: request timed",
    ),
    ("a failure that quotes storage", 500, status(None, 'hunter2: "etcdserver: full"'), Unanswered, "shop/web: 500"),
    ("its own deadline", 504, status("Timeout"), Unanswered, "504 Timeout"),
    (
        "its own deadline, of which it says no kind",
        504,
        b'{"metadata":{},"status":"Failure","message":"Timeout: request did not complete","reason":"Timeout","code":504}',
        Unanswered,
        "or it took too long",
    ),
    ("a resourceVersion that is too old", 410, status("Expired"), RequestRefused, "410 Expired"),
]


@pytest.mark.parametrize(("code", "content", "kind", "words"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_an_answer_means(code: int, content: bytes, kind: type[ClusterError], words: str) -> None:
    error = failure("PATCH", WEB, code, content, of_operator=True)
    assert type(error) is kind
    assert error.status == code
    assert str(error).startswith("PATCH secrets shop/web: ")
    assert words in str(error)
    assert "hunter2" not in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"), [("7", 7.0), (None, None), ("Wed, 21 Oct", None), ("-1", None), ("1e9", None)]
)
def test_retry_after_is_taken_in_seconds(header: str | None, seconds: float | None) -> None:
    assert failure("GET", WEB, 429, status("TooManyRequests"), retry_after=header).retry_after == seconds


@pytest.mark.parametrize("code", [429, 503])
def test_so_it_is_where_it_says_so_in_plain_text(code: int) -> None:
    assert failure("GET", WEB, code, b"please try again later.\n", retry_after="4").retry_after == 4.0


def test_a_refusal_that_repeats_a_value_is_not_repeated() -> None:
    content = status("Forbidden", 'admission webhook "w" denied: value hunter2 is weak')
    assert "webhook" in str(failure("POST", WEB, 403, content, confidential=["correct horse"]))
    assert "webhook" not in str(failure("POST", WEB, 403, content, confidential=["hunter2"]))


def test_a_person_without_rights_is_not_told_to_give_them_to_the_operator() -> None:
    said = 'secrets "web" is forbidden: User "jane" cannot get resource "secrets" in API group ""'
    content = status("Forbidden", said)
    assert "give the operator rights" in str(failure("GET", WEB, 403, content, of_operator=True))
    assert str(failure("GET", WEB, 403, content)) == f"GET {WEB}: 403 Forbidden: {said}"


def test_words_are_cleaned_and_cut() -> None:
    said = str(failure("POST", WEB, 403, status("Forbidden", "a\n\x1b[31m\u202eb " + "c" * 5000)))
    assert said.isprintable()
    assert len(said) < 500
    assert said.endswith("…")


@pytest.mark.parametrize("details", [None, [], {"causes": None}, {"causes": ["odd", {}, {"field": 5}]}, {"kind": []}])
@pytest.mark.parametrize("code", [403, 404, 409, 422, 500])
def test_odd_details_are_no_reason_to_stumble(details: object, code: int) -> None:
    content = json.dumps({"kind": "Status", "reason": 5, "message": [], "details": details}).encode()
    assert isinstance(failure("GET", WEB, code, content), ClusterError)
