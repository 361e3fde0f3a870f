"""The table of outcomes that registration and management share: what an answer says about whether the server did it.

    no byte written                                      not sent
    complete 3xx, or 4xx except 408                      rejected
    complete 501 to a PUT or DELETE                      rejected: not supported
    complete 2xx with an OAuth error and no client_id    rejected
    complete 2xx in which a client can be read           committed, whatever is wrong with its form
    complete 2xx in which none can be read               not understood
    anything else after the first byte                   ambiguous

An answer whose end did not come is complete where its JSON object is, and where its end is beyond our bounds. What
comes with an answer that is no success is looked through for credentials all the same.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from ..confidential import Confidential
from ..errors import MalformedJSON
from ..exchange import Answer, Challenge, Incomplete, NotSent, Response
from . import lenient_json
from .echoes import credentials
from .json_object import JSON, decode
from .outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected, Success
from .retry_after import retry_after
from .rfc9110 import challenges
from .rfc9449 import USE_DPOP_NONCE, asks_for_nonce
from .salvage import salvage
from .words import quoted, words

ANSWER_LIMIT: Final = 128 * 1024
"""Bytes of an answer that is kept whole: several of them fit into one record."""
ANSWER_DEPTH: Final = 24
"""Levels of an answer: the record puts some more around it."""

LONGER: Final = "a Content-Length that is less than its body"
_CODE: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")
_CODES: Final = frozenset(
    {
        # RFC 7591 section 3.2.2.
        "invalid_redirect_uri",
        "invalid_client_metadata",
        "invalid_software_statement",
        "unapproved_software_statement",
        # RFC 6750 section 3.1.
        "invalid_request",
        "invalid_token",
        "insufficient_scope",
        # RFC 6749 section 4.1.2.1, which Authlib's kin answer with.
        "access_denied",
    }
)
"""Error codes that say that nothing was done, whatever the status code says."""
_TEXTS: Final = ("client_id", "client_secret", "registration_access_token")
_SHOWN: Final = 5
_BEFORE_A_PAGE: Final = b"\xef\xbb\xbf \t\r\n"
_EXACT: Final = 2**53
"""Whole numbers below it are exact as floating-point numbers."""


def judged(
    answer: Answer,
    success: Callable[[Response], Success],
    *,
    may_be_unsupported: bool,
    hide: Sequence[Confidential],
) -> Outcome:
    """Judge an answer by the table; `success` reads a complete 2xx, `hide` is what was presented and nobody may see."""
    match answer:
        case NotSent():
            return answer
        case Response(body=body, beyond=beyond) if beyond and _whole(body) is None:
            longer = replace(answer, body=body + beyond, beyond=b"", flaws=(*answer.flaws, LONGER))
            return judged(longer, success, may_be_unsupported=may_be_unsupported, hide=hide)
        case Incomplete(cause=cause, partial=partial):
            whole = _as_whole(answer)
            found = None if whole is None else judged(whole, success, may_be_unsupported=False, hide=hide)
            if whole is not None and isinstance(found, NotUnderstood) and answer.too_much:
                return replace(found, cause=f"HTTP {whole.status} in more than is read: {cause}")
            # A word without a client may have been going to say more.
            taken = isinstance(found, Rejected) or (isinstance(found, Committed) and (found.members or answer.too_much))
            return found if found is not None and taken else Ambiguous(cause=cause, salvage=salvage(partial))
        case Response(status=status) if 200 <= status < 300:
            return success(answer)
        case Response(status=501) if may_be_unsupported:
            return rejected(answer, hide)
        case Response(status=status) if 300 <= status < 500 and status != 408:
            return rejected(answer, hide)
        case Response(status=status, headers=headers, body=body):
            # Gateways answer 5xx also when the server behind them did the work.
            cause = f"the answer was HTTP {status}, which does not say whether the request took effect"
            return Ambiguous(cause=cause, salvage=salvage(body), retry_after=retry_after(headers))


def client_information(response: Response, hide: Sequence[Confidential]) -> Committed | Rejected | NotUnderstood:
    """Judge a complete 2xx that has to hold a client information response (RFC 7591 section 3.2.1).

    Its content type is not asked for: a client that exists is not to be lost to a header.
    """
    found = _whole(response.body)
    if found is None:
        return _not_understood(response, _kind_of(response, credentials(salvage(response.body), hide)))
    numbers = {name: said for name in _TEXTS if (said := _whole_number(found.members.get(name))) is not None}
    members: dict[str, JSON] = {**found.members, **numbers}
    if members.get("client_id") and isinstance(members["client_id"], str):
        # RFC 7591 section 3.2.1: "The response contains the client identifier as well as the client secret, if the
        # client is a confidential client."
        flaws = (*response.flaws, *found.flaws, *(f"a {name} that is a number" for name in numbers))
        if response.status not in (200, 201):
            flaws = (*flaws, f"HTTP {response.status} in place of 200 or 201")
        return Committed(members=members, flaws=flaws)
    if (refusal := refused(response, hide)) is not None:
        return refusal
    return _not_understood(response, _contents_of(found, credentials(found.members, hide)))


def refused(response: Response, hide: Sequence[Confidential]) -> Rejected | None:
    """Return a complete 2xx as a refusal where it holds an error code that says so and no client_id."""
    found = _whole(response.body)
    code = None if found is None or found.members.get("client_id") else found.members.get("error")
    return rejected(response, hide) if isinstance(code, str) and code in _CODES else None


def words_of_others(body: bytes) -> str | None:
    """Say what a body is that tells of no success, whatever the status code: a page for people, or any error.

    Its content type is not asked for: frameworks call an empty body, and one word, HTML.
    """
    if body.lstrip(_BEFORE_A_PAGE).startswith(b"<"):
        return "a page"
    found = _whole(body)
    return "an error" if found is not None and found.members.get("error") else None


def _as_whole(answer: Incomplete) -> Response | None:
    """Return an answer whose end did not come as a response, where what came holds a JSON object to its end.

    So is one of which more came than is read: nothing else would come another time.
    """
    if answer.status is None or not 200 <= answer.status < 500 or answer.status == 408:
        return None
    if _whole(answer.partial) is None and not answer.too_much:
        return None
    flaws = (*answer.flaws, answer.cause)
    return Response(status=answer.status, headers=answer.headers, body=answer.partial, flaws=flaws)


def _not_understood(response: Response, what: str) -> NotUnderstood:
    form = f"; the answer had {' and '.join(response.flaws)}" if response.flaws else ""
    cause = f"HTTP {response.status} {what}{form}"
    return NotUnderstood(status=response.status, cause=cause, salvage=salvage(response.body))


def _kind_of(response: Response, hide: Sequence[Confidential]) -> str:
    """Say what a body is that is no JSON object."""
    if not response.body:
        return "without a body"
    kind = response.headers.get("content-type", "").partition(";")[0]
    # One that was cut short, by a length that is too small for instance, begins as one.
    end = " to its end" if response.body.lstrip().startswith(b"{") else ""
    return f"with a body that is no JSON object{end}{f' ({words(kind, limit=80, hide=hide)})' if kind else ''}"


def _whole_number(value: JSON) -> str | None:
    """Return a number as everybody writes it: JSON's `7`, `7.0` and `7e0` are one; None where that is not certain."""
    if isinstance(value, float) and value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return str(value) if type(value) is int else None


def _contents_of(found: lenient_json.Whole, hide: Sequence[Confidential]) -> str:
    """Say what a JSON object is that names no client: the server's own error if there is one, else what it names."""
    members = found.members
    said = [
        v for n in ("error", "error_description", "message", "detail") if isinstance(v := members.get(n), str) and v
    ]
    if said:
        return f"with a JSON object without a client_id; the server says {', '.join(_shown(s, hide) for s in said)}"
    if members.get("client_id"):
        return "with a JSON object whose client_id is neither a text nor a whole number"
    if "client_id" in found.left_out:
        return "with a JSON object whose client_id is too large, too deep or no text"
    named = ", ".join(_shown(name, hide) for name in [*members][:_SHOWN])
    return f"with a JSON object without a client_id{f'; it has {named}' if named else ''}"


def _shown(said: str, hide: Sequence[Confidential]) -> str:
    return quoted(words(said, hide=hide))


def rejected(response: Response, hide: Sequence[Confidential] = ()) -> Rejected:
    """Read a complete refusal, whatever its body: an OAuth error, another JSON object, a page or nothing."""
    members = _members(response)
    said, found = members or {}, salvage(response.body)
    known = credentials({**said, **found}, hide)
    code, description = said.get("error"), said.get("error_description")
    error = code if isinstance(code, str) and _is_code(code, known) else None
    challenged = challenges(response.headers.get("www-authenticate", "")) or ()
    if asks_for_nonce(response):
        # Whatever else it says: this is what can be done about it.
        error = USE_DPOP_NONCE
    elif error is None:
        error = _challenge_error(challenged, known)
    # Some servers write a sentence where the code belongs; RFC 6750 section 3 has one in the challenge.
    sentences = (description, code, *(challenge.parameters.get("error_description") for challenge in challenged))
    sentence = next((t for t in sentences if isinstance(t, str) and t.strip() and t != error), None)
    return Rejected(
        status=response.status,
        error=error,
        description=words(sentence, hide=known) if sentence is not None else None,
        retry_after=retry_after(response.headers),
        json=members is not None,
        challenges=challenged,
        salvage=found,
    )


def _challenge_error(found: tuple[Challenge, ...], hide: Sequence[Confidential]) -> str | None:
    """Return the error code of a challenge (RFC 6750 section 3), for answers whose body says nothing."""
    codes = (challenge.parameters.get("error", "") for challenge in found)
    return next((code for code in codes if _is_code(code, hide)), None)


def _is_code(said: str, hide: Sequence[Confidential]) -> bool:
    return _CODE.fullmatch(said) is not None and words(said, hide=hide) == said


def _members(response: Response) -> dict[str, JSON] | None:
    try:
        return decode(response.body, limit=ANSWER_LIMIT, depth=ANSWER_DEPTH)
    except MalformedJSON:
        return None


def _whole(body: bytes) -> lenient_json.Whole | None:
    return lenient_json.read(body, limit=ANSWER_LIMIT, depth=ANSWER_DEPTH)
