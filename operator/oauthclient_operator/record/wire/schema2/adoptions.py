"""An adoption in schema 2: each of its states is a member of its own name."""

from typing import assert_never

from ....errors import UnreadableRecord
from ....oauth.json_object import JSON
from ...adoptions import Adoption, Offered, Proven, Refused, Taken
from ..reader import Reader
from ..writer import present, time
from .calls import read_closed, write_closed
from .clients import read_client, write_client


def write_adoption(adoption: Adoption) -> dict[str, JSON]:
    """Return the members of an adoption."""
    match adoption:
        case Offered(client=client):
            state: dict[str, JSON] = {"offered": {"client": write_client(client)}}
        case Proven(client=key):
            state = {"proven": {"client": key}}
        case Refused(at=at, client=client, answer=answer, unproven=unproven):
            refused: dict[str, JSON] = {
                "at": time(at),
                "client": None if client is None else write_client(client),
                "answer": None if answer is None else write_closed(answer),
                "unproven": unproven or None,
            }
            state = {"refused": present(refused)}
        case Taken():
            state = {"taken": {}}
        case _:
            assert_never(adoption)
    return {"fingerprint": adoption.fingerprint, **state}


def read_adoption(reader: Reader) -> Adoption:
    """Read an adoption."""
    fingerprint = reader.text("fingerprint")
    if (offered := reader.child_or_none("offered")) is not None:
        return Offered(fingerprint=fingerprint, client=read_client(offered.child("client")))
    if (proven := reader.child_or_none("proven")) is not None:
        return Proven(fingerprint=fingerprint, client=proven.number("client"))
    if (refused := reader.child_or_none("refused")) is not None:
        client, answer = refused.child_or_none("client"), refused.child_or_none("answer")
        return Refused(
            fingerprint=fingerprint,
            at=refused.moment("at"),
            client=None if client is None else read_client(client),
            answer=None if answer is None else read_closed(answer),
            unproven=refused.flag("unproven"),
        )
    if reader.child_or_none("taken") is not None:
        return Taken(fingerprint=fingerprint)
    raise UnreadableRecord(f"{reader.place} is an adoption in no state that this schema knows")
