"""A configuration put together, and what a program's own functions make of it: no client is lost to their mistakes."""

import asyncio
from collections.abc import Mapping

from ..errors import ExecuteFailed
from ..oauth.authentication_methods import ClientAuthentication
from ..oauth.client_authentication import choose
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import ClientMetadata
from ..oauth.json_object import JSON
from ..oauth.rfc8414 import ServerMetadata
from .configuration import Configuration
from .options import Execute, Options
from .transport import Channel, place


def configured(
    server: ServerMetadata,
    document: Mapping[str, JSON],
    requested: ClientMetadata,
    information: ClientInformation,
    *,
    client_authentication: ClientAuthentication | None,
    options: Options,
    channel: Channel,
) -> Configuration:
    """Return the configuration of a client, as the options and their functions have it.

    Raises:
        ExecuteFailed: one of these failed; it holds what the server issued.
    """
    configuration = Configuration(
        server=server,
        information=information,
        client_authentication=choose(client_authentication, requested, information),
        dpop_key=options.dpop_key,
        timeout=options.timeout,
        clock_skew=options.clock_skew,
        clock_tolerance=options.clock_tolerance,
        use_mtls_endpoint_aliases=options.use_mtls_endpoint_aliases,
        initial_access_token=options.initial_access_token,
        requested=requested,
        document=document,
        channel=channel,
    )
    for function in options.execute:
        result, failure = _result(function, configuration)
        if not isinstance(result, Configuration):
            raise _failed(configuration, failure)
        configuration = result
    return configuration


def _failed(configuration: Configuration, failure: str) -> ExecuteFailed:
    left = configuration.information
    return ExecuteFailed(
        f"the client is registered, and a function to execute failed: {failure}",
        client_id=left.client_id,
        client_secret=left.client_secret,
        registration_access_token=left.registration_access_token,
        registration_client_uri=left.registration_client_uri,
    )


def _result(function: Execute, configuration: Configuration) -> tuple[object, str]:
    try:
        return function(configuration), "it returned no Configuration"
    except (Exception, asyncio.CancelledError) as error:  # noqa: BLE001 - a client must not be lost to it
        # Nobody cancels a function that awaits nothing: it asked for the result of something that was cancelled.
        return None, place(error)
    except BaseException as error:
        # The program ends, as it is to; whoever cleans up finds the client in the cause.
        raise error from _failed(configuration, place(error))
