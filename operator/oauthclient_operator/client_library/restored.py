"""A configuration made anew of what was stored of it."""

import contextlib
import json
from collections.abc import Mapping

from ..egress.policy import ProgramPolicy
from ..errors import DiscoveryFailed, InvalidArgumentType, InvalidArgumentValue, NotClientInformation
from ..oauth import rfc8414
from ..oauth.authentication_methods import ClientAuthentication
from ..oauth.client_information import ClientInformation
from ..oauth.json_object import JSON, MAX_DEPTH, objection
from ..oauth.rfc8414 import ServerMetadata
from . import arguments
from .configuration import STORED_VERSION, Configuration
from .configured import configured
from .options import Options, channel_of, options_of


def restore(
    stored: Mapping[str, object],
    client_authentication: ClientAuthentication | None = None,
    options: Options | None = None,
) -> Configuration:
    """Return the configuration of a client that is registered already, of what `Configuration.to_dict` returned.

    Nothing is sent. `client_authentication` and `options` are those of the registration, and mean the same here; the
    initial access token and the discovery form have no part in it.

    Raises:
        InvalidArgumentType, InvalidArgumentValue: an argument is not what it should be, `stored` for instance was
            written by a newer version, or cut off.
        ExecuteFailed: a function of `options.execute` failed.
    """
    options = options_of(options)
    arguments.client_authentication(client_authentication)
    if not isinstance(stored, Mapping):
        raise InvalidArgumentType.of("stored", stored, "the dict that Configuration.to_dict returned")
    version = stored.get("version")
    # True and 1.0 are equal to 1, and nothing that was written here.
    if type(version) is not int or version != STORED_VERSION:
        raise _unusable(f"version is {STORED_VERSION}: it is no configuration, or a newer library's")
    document = _object(stored, "authorization_server_metadata")
    requested = arguments.client_metadata(_object(stored, "requested_client_metadata"))
    information = _information(_object(stored, "client_information"))
    return configured(
        _server(document),
        document,
        requested,
        information,
        client_authentication=client_authentication,
        options=options,
        channel=channel_of(options, ProgramPolicy(insecure=options.allow_insecure_requests)),
    )


def _object(stored: Mapping[str, object], name: str) -> dict[str, JSON]:
    """Return a copy of an object of JSON that is stored: what it was made of may change later."""
    value = stored.get(name)
    copy: object = None
    if isinstance(value, Mapping):
        # The cause of a failure is not chained: it may quote what it is about.
        with contextlib.suppress(TypeError, ValueError, RecursionError):
            copy = json.loads(json.dumps(dict(value), allow_nan=False))
    if not isinstance(copy, dict):
        raise _unusable(f"{name} is no object of JSON")
    if (why := objection(copy, MAX_DEPTH)) is not None:
        raise _unusable(f"{name}: {why}")
    return copy


def _information(members: Mapping[str, JSON]) -> ClientInformation:
    with contextlib.suppress(NotClientInformation):
        return ClientInformation.parse(members)
    raise _unusable("client_information has no client_id")


def _server(document: Mapping[str, JSON]) -> ServerMetadata:
    issuer = document.get("issuer")
    if not isinstance(issuer, str) or rfc8414.issuer_problem(issuer) is not None:
        raise _unusable("authorization_server_metadata name no issuer")
    problem: str
    try:
        # How many bytes it had on its way is not asked again: written here, it has others.
        return rfc8414.described(issuer, document)
    except DiscoveryFailed as error:
        problem = str(error)
    raise _unusable(problem)


def _unusable(why: str) -> InvalidArgumentValue:
    return InvalidArgumentValue(f"stored: {why}")
