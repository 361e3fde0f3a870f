"""The words for what a proof of credentials came to: the second half of a sentence whose first says of which client."""

from collections.abc import Mapping
from typing import Final, assert_never

from ..oauth.proof.results import (
    Calibration,
    Doubt,
    NotKnown,
    NotProvable,
    Obstacle,
    ProofResult,
    Refused,
    Unavailable,
    Valid,
)

_ELSEWHERE: Final = (
    "at another origin than the issuer, where no credentials are sent: if that is as it should be, the operator's "
    "administrator can set --allow-endpoint-origin"
)
_OBSTACLES: Final[Mapping[Obstacle, str]] = {
    Obstacle.NO_KEY: "it authenticates with a key or a certificate that the operator does not have",
    Obstacle.NO_SECRET: "the server issued no client_secret for it",
    Obstacle.NO_ENDPOINT: (
        "the issuer's metadata name no revocation_endpoint, token_endpoint or introspection_endpoint to ask at"
    ),
    Obstacle.ELSEWHERE: f"the issuer's metadata name the endpoints to ask at {_ELSEWHERE}",
    Obstacle.NO_PROBE: "the server answers this client as it answers one that cannot exist",
}
_DOUBTS: Final[Mapping[Doubt, str]] = {
    Doubt.CONTROL_DIFFERS: (
        "the server answers a client that cannot exist otherwise than it did: it may be switched off, or something "
        "in front of it answers everybody"
    ),
    Doubt.UNEXPECTED: "the answer was neither a success nor an authentication failure",
    Doubt.NO_ENDPOINT: "the issuer's metadata do not name the endpoint any more at which it is asked",
    Doubt.ELSEWHERE: f"the issuer's metadata name the endpoint to ask at {_ELSEWHERE}",
    Doubt.NOT_THE_SAME: "it authenticates in another way by now",
}


def untold(result: ProofResult | Calibration) -> str | None:
    """Return, for the end of a sentence, why a proof told nothing, or None where it told something."""
    match result:
        case NotKnown(why=why):
            return f"whether the server accepts its credentials is not known: {_DOUBTS[why]}"
        case Unavailable(why=cause):
            return f"whether the server accepts its credentials could not be asked: {cause}"
        case _:
            return None


def proof_waits(why: str) -> str:
    """Return, for the end of a sentence, that a proof that a person asks for cannot be had yet."""
    return f"the proof that an annotation asks for waits: {why}"


def found(result: Valid | Refused | NotKnown | Unavailable | NotProvable) -> str:
    """Return what a proof came to, for the end of a sentence; nothing of it is a server's words."""
    match result:
        case Valid():
            return "the server accepts its credentials"
        case Refused(known=True):
            return "the server knows it and refuses its credentials: they are wrong, or have expired"
        case Refused():
            return (
                "the server refuses its credentials as it does those of a client that cannot exist: it was deleted or "
                "disabled there, or its credentials are wrong"
            )
        case NotKnown():
            return str(untold(result))
        case Unavailable():
            return f"{untold(result)}; it is asked again"
        case NotProvable(why=obstacle):
            return f"whether the server accepts its credentials cannot be found out: {_OBSTACLES[obstacle]}"
        case _:
            assert_never(result)
