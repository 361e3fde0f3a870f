"""What the answers to a control and to a client say, by rules that were right on every server they were measured on.

    control   an authentication failure with an OAuth error     it can be compared with
              anything else                                     blind: the server answers anybody so
    client    2xx, whatever its body says                       valid
              400 with an error that is told after              valid
              authentication alone
              as the control                                    refused; not for the time, where that is answered
                                                                otherwise
              another authentication failure                    refused, and the client is known
              anything else                                     nobody can say
    both      404, 405, 408, 425, 429, 5xx, no answer           unavailable

An authentication failure is a 401, or the error `invalid_client`, with an OAuth error in a JSON body: a bare 401 may be
anybody's, who stands in front of the server.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from ...errors import MalformedJSON
from ...exchange import Answer, Incomplete, NotSent, Response
from ..json_object import decode
from ..judgement import ANSWER_DEPTH, ANSWER_LIMIT
from ..retry_after import retry_after
from ..rfc9110 import date
from .results import Answered, Calibrated, Doubt, NotKnown, ProofResult, Refused, Unavailable, Untimely, Valid

_LATER: Final = frozenset({404, 405, 408, 425, 429})
_NOT_THERE: Final = frozenset({404, 405})
_UNAUTHENTICATED: Final = frozenset({"invalid_client", "unauthorized_client"})
"""Codes of servers that did not accept a client's authentication; the second is Keycloak's for a wrong secret."""
_BEYOND: Final = frozenset(
    {
        # RFC 6749 section 5.2.
        "invalid_grant",
        "invalid_scope",
        "unauthorized_client",
        "unsupported_grant_type",
        # RFC 7009 section 2.2.1.
        "unsupported_token_type",
        # RFC 6750 section 3.1, of the token that was made up.
        "invalid_token",
    }
)
"""Codes that a server has no reason to say, with 400, before it knows who asks."""
_CODES: Final = _UNAUTHENTICATED | _BEYOND | {"invalid_request"}


@dataclass(frozen=True, slots=True)
class Blind:
    """The control's answer is none to compare with."""


def judge_control(answer: Answer) -> Answered | Blind | Unavailable:
    """Judge the answer to a control: what a client's can be compared with, if it is an authentication failure."""
    if (later := unavailable(answer)) is not None:
        return later
    found = _answered(answer)
    return found if found is not None and _fails_authentication(found) else Blind()


def judge_calibrating(answer: Answer, control: Answered) -> Answered | Blind | Unavailable:
    """Judge the answer to a client whose credentials are known to be good: what it is, if they are seen to be.

    That the control was refused by the same endpoint for the same request is what makes the client's answer say that.
    """
    if (later := unavailable(answer)) is not None:
        return later
    found = _answered(answer)
    if found is None or found == control:
        return Blind()
    accepted = 200 <= found.status < 300 or (
        found.status == 400 and found.error in _CODES and not _fails_authentication(found)
    )
    return found if accepted else Blind()


def judge_untimely(answer: Answer, control: Answered) -> Untimely:
    """Judge the answer to a client, known to be good, whose assertion is of another day."""
    found = None if unavailable(answer) is not None else _answered(answer)
    if found is None or (found.error is None and not 200 <= found.status < 300):
        # Of whoever stands in front of the server, maybe: what it would have answered itself, nobody knows.
        return Untimely.UNKNOWN
    return Untimely.AS_NOBODY if found == control else Untimely.OTHERWISE


def judge(answer: Answer, calibrated: Calibrated, *, alone: bool = True) -> ProofResult:
    """Judge the answer to a client, of which the control was answered just now as it is remembered.

    `alone` is for a refusal: see `Refused`.
    """
    if (later := unavailable(answer)) is not None:
        return later
    found = _answered(answer)
    if found is None:
        return NotKnown(Doubt.UNEXPECTED)
    if 200 <= found.status < 300:
        # Status before body: Keycloak says 200 with an error of the token that was made up.
        return Valid()
    if found == calibrated.control:
        return Refused(known=False, alone=alone or calibrated.untimely is Untimely.OTHERWISE)
    if _fails_authentication(found):
        return Refused(known=True, alone=alone) if found.error in _UNAUTHENTICATED else NotKnown(Doubt.UNEXPECTED)
    if found == calibrated.accepted or (found.status == 400 and found.error in _BEYOND):
        return Valid()
    # `invalid_request` among it, where that is not this server's word for a client that it has let in: Hydra says so of
    # a key that it does not know.
    return NotKnown(Doubt.UNEXPECTED)


def unavailable(answer: Answer) -> Unavailable | None:
    """Return that an answer is none to a question about credentials, for now; None where it may be one."""
    match answer:
        case NotSent(cause=cause) | Incomplete(cause=cause):
            return Unavailable(why=cause)
        case Response(status=status, headers=headers) if status in _LATER or status >= 500:
            return Unavailable(why=f"the answer was HTTP {status}", retry_after=retry_after(headers))
        case _:
            return None


def is_not_there(answer: Answer) -> bool:
    """Whether an answer says that the endpoint is not there, which says nothing of the others."""
    return isinstance(answer, Response) and answer.status in _NOT_THERE


def answered_at(answer: Answer) -> datetime | None:
    """Return the server's time as its answer has it, or None."""
    return date(answer.headers.get("date", "")) if isinstance(answer, Response) else None


def _fails_authentication(answered: Answered) -> bool:
    if answered.error is None:
        return False
    # RFC 6749 section 5.2: "The authorization server MAY return an HTTP 401 (Unauthorized) status code".
    return answered.status == 401 or answered.error == "invalid_client"


def _answered(answer: Answer) -> Answered | None:
    if not isinstance(answer, Response):
        return None
    try:
        error = decode(answer.body, limit=ANSWER_LIMIT, depth=ANSWER_DEPTH).get("error")
    except MalformedJSON:
        error = None
    # Other words are nobody's that the rules know; what was presented may be among them, and none is kept.
    return Answered(status=answer.status, error=error if isinstance(error, str) and error in _CODES else None)
