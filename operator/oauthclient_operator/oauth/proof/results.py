"""What a proof can come to."""

from dataclasses import dataclass
from enum import Enum, StrEnum, auto

from .probes import Probe


class Obstacle(StrEnum):
    """Why nothing can be proven for a client at its server."""

    NO_KEY = "no_key"
    """It authenticates with a key or a certificate that is not the operator's."""
    NO_SECRET = "no_secret"  # noqa: S105 - a word
    """The server issued no client secret."""
    NO_ENDPOINT = "no_endpoint"
    """The metadata name no endpoint to ask at."""
    ELSEWHERE = "elsewhere"
    """The endpoints to ask at are at another origin than the issuer."""
    NO_PROBE = "no_probe"
    """Nothing that was asked told the client from one that cannot exist."""


class Doubt(StrEnum):
    """Why nobody can say whether credentials are accepted."""

    CONTROL_DIFFERS = "control_differs"
    """A client that cannot exist is answered otherwise than it was: by a gateway, or a realm that is switched off."""
    UNEXPECTED = "unexpected"
    """The client's answer is neither a success nor an authentication failure."""
    NO_ENDPOINT = "no_endpoint"
    """The metadata do not name the endpoint any more."""
    ELSEWHERE = "elsewhere"
    """The endpoint is at another origin than the issuer."""
    NOT_THE_SAME = "not_the_same"
    """The credentials are of another kind than those that were calibrated, or cannot be presented."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What of an answer is compared: its status, and the OAuth error code in its body, if there is one."""

    status: int
    error: str | None = None


class Untimely(Enum):
    """How a client with good credentials is answered whose assertion is of another day, by a server that tells no time.

    That is asked of such servers alone, and while the credentials are known to be good.
    """

    UNKNOWN = auto()
    """Nobody asked, or one of the questions had no answer: it may be asked again."""
    AS_NOBODY = auto()
    """At least once as the control: what is answered so may have been refused for the time."""
    OTHERWISE = auto()
    """Each time otherwise than the control: what is answered as the control is not refused for the time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrated:
    """The probe that tells a client from nobody, with what the control was answered, and the client."""

    probe: Probe
    control: Answered
    accepted: Answered
    untimely: Untimely = Untimely.UNKNOWN


@dataclass(frozen=True, slots=True)
class NotProvable:
    """No probe tells this client from nobody at this server."""

    why: Obstacle


@dataclass(frozen=True, slots=True, kw_only=True)
class Valid:
    """The server accepts the credentials; certain.

    `learned` is what was asked by, with how it answers on other days, where that was not known and was found out.
    """

    learned: Calibrated | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """The server does not accept them.

    `known` says that it knows the client: that the credentials are wrong. Else it is unknown, deleted, disabled, or the
    server does not tell. Without `alone` that counts only where the configuration endpoint refuses, too: an assertion
    was dated by a clock that may not be the server's.
    """

    known: bool
    alone: bool = True


@dataclass(frozen=True, slots=True)
class NotKnown:
    """The answers say nothing of the credentials."""

    why: Doubt


@dataclass(frozen=True, slots=True, kw_only=True)
class Unavailable:
    """The server gave no answer that could say it: ask later.

    `why` is a sentence for people without a subject; `retry_after` is in seconds, where the server said so. With
    `of_client` it answered the control as ever, and failed over the client's request (HTTP 5xx).
    """

    why: str
    retry_after: float | None = None
    of_client: bool = False


ProofResult = Valid | Refused | NotKnown | Unavailable
Calibration = Calibrated | NotProvable | Unavailable
