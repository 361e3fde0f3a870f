"""What a program's own functions make of a configuration: a client that exists is not lost to their mistakes."""

import asyncio
from collections.abc import Sequence

from ..errors import ExecuteFailed
from .configuration import Configuration
from .options import Execute
from .transport import place


def executed(configuration: Configuration, functions: Sequence[Execute]) -> Configuration:
    """Return what the functions make of a configuration, each of what the one before made of it.

    Raises:
        ExecuteFailed: one of them failed; it holds what the server issued.
    """
    for function in functions:
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
