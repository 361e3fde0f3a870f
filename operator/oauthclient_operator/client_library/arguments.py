"""What a caller may pass: each argument is checked before anything is sent, and copied where it could change later."""

import itertools
import json
import math
from collections.abc import Mapping
from typing import Final

from ..confidential import Confidential
from ..errors import InvalidArgumentType, InvalidArgumentValue
from ..oauth.authentication_methods import ClientAuthentication
from ..oauth.client_metadata import ClientMetadata
from ..oauth.json_object import JSON, is_text
from ..oauth.metadata_rules import out_of_bounds
from ..oauth.public_keys import key_problems

CLOCK_SKEW_MOST: Final = 24 * 60 * 60
"""Seconds: a clock that is further off is no clock, or the number is not of seconds."""
_SECONDS_LIMIT: Final = 1e300
"""An int may be larger than any float."""
_OURS: Final = frozenset({"client_id", "client_secret", "client_assertion", "client_assertion_type"})


def seconds(
    name: str,
    value: object,
    *,
    above: float | None = None,
    at_least: float | None = None,
    at_most: float | None = None,
) -> None:
    """Check a number of seconds.

    Raises:
        InvalidArgumentType: it is no number.
        InvalidArgumentValue: it is not finite, too small or too large.
    """
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise InvalidArgumentType.of(name, value, "a number of seconds")
    if abs(value) > _SECONDS_LIMIT or not math.isfinite(value):
        raise InvalidArgumentValue(f"{name} is a finite number of seconds")
    if above is not None and value <= above:
        raise InvalidArgumentValue(f"{name} is more than {above:g} seconds")
    if at_least is not None and value < at_least:
        raise InvalidArgumentValue(f"{name} is {at_least:g} seconds or more")
    if at_most is not None and value > at_most:
        raise InvalidArgumentValue(f"{name} is {at_most:g} seconds at most")


def clock_skew(value: object) -> None:
    """Check how far the server's clock is ahead of ours, in seconds.

    Raises:
        InvalidArgumentType: it is no number.
        InvalidArgumentValue: it is more than a day, ahead or behind.
    """
    seconds("clock_skew", value, at_least=-CLOCK_SKEW_MOST, at_most=CLOCK_SKEW_MOST)


def client_authentication(value: object) -> None:
    """Check what a client is to authenticate with.

    Raises:
        InvalidArgumentType: it is no method with its values, for example its name or its class.
    """
    if not isinstance(value, ClientAuthentication | None):
        raise InvalidArgumentType.of(
            "client_authentication", value, "a method with its values, such as ClientSecretBasic()"
        )


def access_token(name: str, value: object) -> None:
    """Check an access token that is to stand in a header.

    Raises:
        InvalidArgumentType: it is not confidential.
        InvalidArgumentValue: it is empty, or holds what RFC 6750 section 2.1 does not have.
    """
    if not isinstance(value, Confidential):
        raise InvalidArgumentType.of(name, value, "Confidential")
    token: object = value.reveal()
    if not isinstance(token, str):
        raise InvalidArgumentType.of(f"what {name} reveals", token, "a str")
    if not token or not all(33 <= ord(character) <= 126 for character in token):
        raise InvalidArgumentValue(f"{name} is empty, or holds white space or another character that no token has")


def client_metadata(metadata: object) -> ClientMetadata:
    """Return a copy of client metadata, members that are None left out; what they ask for is for the server to judge.

    Raises:
        InvalidArgumentType: they are not a mapping.
        InvalidArgumentValue: they cannot be sent as JSON, are too large, or hold a private key.
    """
    if not isinstance(metadata, Mapping):
        raise InvalidArgumentType.of("metadata", metadata, "a mapping from names of members to their values")
    if (name := next((name for name in metadata if not isinstance(name, str)), None)) is not None:
        raise InvalidArgumentType.of("a name of metadata", name, "a str")
    copy = _copied({name: value for name, value in metadata.items() if value is not None})
    if copy is None:
        raise InvalidArgumentValue("metadata: they cannot be sent: a value is not JSON")
    if (why := out_of_bounds(copy)) is not None:
        raise InvalidArgumentValue(f"metadata: {why}")
    # RFC 7591 section 2 has public keys in jwks; what is registered is shown to whoever may read the client.
    if (problem := next(key_problems(copy), None)) is not None:
        raise InvalidArgumentValue(f"metadata: {problem}")
    return ClientMetadata.confirmed(copy)


def token_parameters(parameters: object, *, grant_type: str) -> dict[str, str]:
    """Return the parameters of an access token request (RFC 6749 section 4), without those of client authentication.

    Raises:
        InvalidArgumentType: they are not a mapping from strings to strings.
        InvalidArgumentValue: one of them is not the caller's to choose.
    """
    if not isinstance(parameters, Mapping):
        raise InvalidArgumentType.of("parameters", parameters, "a mapping from strings to strings")
    for text in itertools.chain.from_iterable(parameters.items()):
        if not isinstance(text, str):
            raise InvalidArgumentType.of("a name or a value of parameters", text, "a str")
    if not all(is_text(name) and is_text(value) for name, value in parameters.items()):
        raise InvalidArgumentValue("parameters hold half a surrogate pair, which is no character")
    if parameters.get("grant_type", grant_type) != grant_type or _OURS & parameters.keys():
        raise InvalidArgumentValue("parameters hold another grant_type, or client authentication: leave it out")
    return {"grant_type": grant_type, **parameters}


def _copied(members: dict[str, object]) -> dict[str, JSON] | None:
    try:
        copy: dict[str, JSON] = json.loads(json.dumps(members, allow_nan=False))
    except (TypeError, ValueError, RecursionError):
        # What went wrong is not chained: such messages quote what they are about.
        return None
    return copy
