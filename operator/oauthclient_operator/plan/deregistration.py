"""Whether one client can be deregistered, whoever wants it gone."""

from ..record.calls import CallKind
from ..record.clients import Client
from ..record.record import Record
from .observed import Observed


def can_be_called_for(observed: Observed, client: Client) -> bool:
    """Whether a deregistration may be sent for a client.

    Not where another resource holds the same client: a server may give one client to two registrations. It stays
    written down here as left behind, which holds it no longer: the last one to go deregisters it.
    """
    return client.key not in observed.sharing and client.manageable and client.key not in observed.unmanageable


def is_given_up(record: Record, client: Client) -> bool:
    """Whether no call can help as far as the server's answers go, so that the resource need not wait for one.

    The server does not support it, or it refused the registration access token for an update and a deletion.
    """
    last = record.last(CallKind.DEREGISTER, client.key)
    unsupported = last is not None and last.unsupported
    return unsupported or client.refused >= {CallKind.UPDATE, CallKind.DEREGISTER}
