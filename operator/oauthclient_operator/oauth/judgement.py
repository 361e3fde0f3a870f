"""The table of outcomes that registration and management share: what an answer says about whether the server did it.

    no byte written                              not sent
    complete 3xx, or 4xx except 408              rejected
    complete 501 to a PUT or DELETE              rejected: not supported
    complete and as the RFC says                 committed
    anything else after the first byte           ambiguous

What comes with an answer that is no success is looked through for credentials all the same.
"""

import re
from collections.abc import Callable
from typing import Final

from ..confidential import Confidential
from ..errors import MalformedJSON
from ..exchange import Answer, Challenge, Incomplete, NotSent, Response
from .json_object import JSON, decode
from .outcome import Ambiguous, Committed, Outcome, Rejected
from .retry_after import retry_after
from .rfc9110 import challenges
from .rfc9449 import USE_DPOP_NONCE, asks_for_nonce
from .salvage import issued, salvage
from .words import words

ANSWER_LIMIT: Final = 128 * 1024
"""Bytes of an answer that is kept whole: several of them fit into one record."""
ANSWER_DEPTH: Final = 24
"""Levels of an answer: the record puts some more around it."""

_CODE: Final = re.compile(r"[A-Za-z0-9_.:/-]{1,64}")


def judged(
    answer: Answer,
    success: Callable[[Response], Committed | Ambiguous],
    *,
    may_be_unsupported: bool,
    hide: Confidential | None,
) -> Outcome:
    """Judge an answer by the table; `success` reads a complete 2xx, `hide` is the token that was presented."""
    match answer:
        case NotSent():
            return answer
        case Incomplete(cause=cause, partial=partial):
            return Ambiguous(cause=cause, salvage=salvage(partial))
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


def client_information(response: Response) -> Committed | Ambiguous:
    """Judge a complete 2xx that has to hold a client information response (RFC 7591 section 3.2.1).

    Its content type is not asked for: a client that exists is not to be lost to a header.
    """
    members = _members(response)
    if members is None:
        cause = f"the answer was HTTP {response.status} with a body that is not a usable JSON object"
        return Ambiguous(cause=cause, salvage=salvage(response.body))
    found = issued(members)
    if response.status in (200, 201) and "client_id" in found:
        # RFC 7591 section 3.2.1: "The response contains the client identifier as well as the client secret, if the
        # client is a confidential client."
        return Committed(members=members)
    lacking = "" if "client_id" in found else " without a client_id"
    return Ambiguous(cause=f"the answer was HTTP {response.status}{lacking}", salvage=found)


def rejected(response: Response, hide: Confidential | None) -> Rejected:
    """Read a complete refusal, whatever its body: an OAuth error, another JSON object, a page or nothing."""
    members = _members(response)
    said = members or {}
    code, description = said.get("error"), said.get("error_description")
    error = code if isinstance(code, str) and _is_code(code, hide) else None
    challenged = challenges(response.headers.get("www-authenticate", "")) or ()
    if asks_for_nonce(response):
        # Whatever else it says: this is what can be done about it.
        error = USE_DPOP_NONCE
    elif error is None:
        error = _challenge_error(challenged, hide)
    # Some servers write a sentence where the code belongs; RFC 6750 section 3 has one in the challenge.
    sentences = (description, code, *(challenge.parameters.get("error_description") for challenge in challenged))
    sentence = next((t for t in sentences if isinstance(t, str) and t.strip() and t != error), None)
    return Rejected(
        status=response.status,
        error=error,
        description=words(sentence, hide=hide) if sentence is not None else None,
        retry_after=retry_after(response.headers),
        json=members is not None,
        challenges=challenged,
        salvage=salvage(response.body),
    )


def _challenge_error(found: tuple[Challenge, ...], hide: Confidential | None) -> str | None:
    """Return the error code of a challenge (RFC 6750 section 3), for answers whose body says nothing."""
    codes = (challenge.parameters.get("error", "") for challenge in found)
    return next((code for code in codes if _is_code(code, hide)), None)


def _is_code(said: str, hide: Confidential | None) -> bool:
    return _CODE.fullmatch(said) is not None and words(said, hide=hide) == said


def _members(response: Response) -> dict[str, JSON] | None:
    try:
        return decode(response.body, limit=ANSWER_LIMIT, depth=ANSWER_DEPTH)
    except MalformedJSON:
        return None
