"""A registered client read, updated and deleted by its configuration (RFC 7592)."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from ..errors import (
    ClientNotManageable,
    IssuerUnavailable,
    ManagementAmbiguous,
    ManagementRejected,
    ManagementUnauthorized,
)
from ..exchange import Answer, NotSent, Request
from ..oauth import rfc7592
from ..oauth.client_authentication import choose
from ..oauth.client_information import ClientInformation
from ..oauth.client_metadata import ClientMetadata
from ..oauth.json_object import JSON
from ..oauth.outcome import Ambiguous, Committed, NotUnderstood, Outcome, Rejected
from ..oauth.refusal import refusal
from . import arguments
from .configuration import Configuration
from .failures import left_behind, not_sent, told
from .held import held, statement


async def read_client(configuration: Configuration) -> Configuration:
    """Read what the server has registered, and return the configuration that holds from now on (RFC 7592 section 2.1).

    Some servers issue another secret or registration access token with each answer: go on with what is returned, and
    store it where the one before was stored.

    Raises:
        ClientNotManageable: the server said at no time where and with what; nothing was sent.
        EgressRefused, IssuerUnavailable: nothing was sent, or the server asks to wait.
        ManagementRejected: the server refused; ManagementUnauthorized if the token is not accepted or the client gone.
        ManagementAmbiguous: no answer that is understood; what came of credentials is kept in the error.
    """
    request = _request(lambda: rfc7592.read_request(configuration.information))
    answer = await configuration.send(request)
    presented = configuration.information.registration_access_token
    outcome = rfc7592.judge_read(answer, configuration.client_id, presented=presented, held=held(configuration))
    found = ClientInformation.parse(_done(configuration, answer, outcome, "the read"))
    return _holding(configuration, configuration.requested, rfc7592.merged_read(configuration.information, found))


async def update_client(configuration: Configuration, metadata: Mapping[str, object]) -> Configuration:
    """Put other metadata in the place of those that are registered, and return what holds (RFC 7592 section 2.2).

    `metadata` are all that is wanted, as for a registration, and not what is different: a member that was asked for
    before and is left out is to be deleted. What the server added itself is sent back to it.

    Raises:
        InvalidArgumentType, InvalidArgumentValue: `metadata` are not what they should be; nothing was sent.
        ClientNotManageable, EgressRefused, IssuerUnavailable, ManagementRejected, ManagementAmbiguous: as of a read.
    """
    desired = arguments.client_metadata(metadata)
    before = configuration.information
    request = _request(lambda: rfc7592.update_request(before, desired, tuple(configuration.requested.members)))
    answer = await configuration.send(request)
    outcome = rfc7592.judge_update(
        answer,
        configuration.client_id,
        presented=before.registration_access_token,
        statement=statement(desired),
        held=held(configuration),
    )
    found = ClientInformation.parse(_done(replace(configuration, requested=desired), answer, outcome, "the update"))
    return _holding(configuration, desired, rfc7592.merged(before, found))


async def delete_client(configuration: Configuration) -> None:
    """Delete the client (RFC 7592 section 2.3); its configuration is of no use afterwards.

    After `ManagementAmbiguous` it can be asked again: `ManagementUnauthorized` says then that the client is gone.

    Raises:
        ClientNotManageable, EgressRefused, IssuerUnavailable, ManagementRejected, ManagementAmbiguous: as of a read.
    """
    request = _request(lambda: rfc7592.deletion_request(configuration.information))
    answer = await configuration.send(request)
    presented = configuration.information.registration_access_token
    outcome = rfc7592.judge_deletion(answer, presented=presented, held=held(configuration))
    _done(configuration, answer, outcome, "the deletion")


def _request(make: Callable[[], Request]) -> Request:
    problem: str
    try:
        return make()
    except ValueError as error:
        problem = str(error)
    raise ClientNotManageable(problem)


def _done(configuration: Configuration, answer: Answer, outcome: Outcome, what: str) -> Mapping[str, JSON]:
    """Return what the server answered, or raise what came of it instead."""
    match said := told(outcome, answer):
        case Committed(members=members):
            return members
        case NotSent():
            raise not_sent(said, what, held(configuration))
        case Rejected():
            raise refusal(_kind(said), f"the client configuration endpoint answers {said.sentence()} to {what}", said)
        case Ambiguous() | NotUnderstood():
            raise left_behind(
                ManagementAmbiguous,
                f"nobody can say what became of {what} of the client",
                said,
                answer,
                held(configuration),
                client_id=configuration.client_id,
            )


def _kind(outcome: Rejected) -> type[IssuerUnavailable | ManagementRejected]:
    if outcome.status == 429:
        return IssuerUnavailable
    return ManagementUnauthorized if rfc7592.says_gone(outcome) else ManagementRejected


def _holding(before: Configuration, requested: ClientMetadata, information: ClientInformation) -> Configuration:
    authentication = before.client_authentication
    if authentication == choose(None, before.requested, before.information):
        # It followed from what was registered, and goes on to; what the caller chose stays.
        authentication = choose(None, requested, information)
    return replace(before, requested=requested, information=information, client_authentication=authentication)
