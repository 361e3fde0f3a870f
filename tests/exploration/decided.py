"""Kinds of violation that are known and stay, each with what was decided about it; any other one fails the test."""

from collections.abc import Mapping
from typing import Final

DECIDED: Final[Mapping[str, str]] = {
    "Ready is True, and the client secret is refused": (
        "a late update renewed the secret and nobody was told: only proof of the credentials could show it"
    ),
    "Ready is True, and the server has other metadata": (
        "an older update arrived after a newer one: RFC 7592 has no version to compare, and nothing reads the client by itself"
    ),
    "Ready is True, and the registration access token is lost, as its message says of a read": (
        "a read without an answer may have renewed the credentials, and at most servers has not: Ready says it, and stays"
    ),
    "a record reports a client as left behind that is gone (that the server gave to two)": (
        "whoever left a shared client to the other resource asks once a day, and a 401 alone proves nothing"
    ),
    "a registration access token that was received is nowhere, for the API server refused it for more than a minute": (
        "an answer is given up after a minute of refusals, and the status says that the client lives on"
    ),
    "a client that could be deregistered is left behind (while another resource keeps asking for it)": (
        "what is left behind is tried once a day, which is after the end of a world that a slow retry keeps from resting"
    ),
    "Ready is True, and the client is dead (that the server gave to two)": (
        "a client that a server gives out twice is ended by the first to go, where the second one is not yet recorded"
    ),
    **dict.fromkeys(
        (
            f"{kind}, for a gateway said 401 to the repetition of a lost DELETE"
            for kind in (
                "a client that nobody knows of",
                "a registration access token that was received is nowhere",
                "a record calls a client gone that is there",
            )
        ),
        "a lost DELETE that is repeated and refused with 401 worked the first time: a false 401 cannot be told from it",
    ),
}
