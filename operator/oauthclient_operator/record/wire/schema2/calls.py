"""Calls in schema 2, open and closed; what a call says stands under the name of its kind."""

from collections.abc import Mapping
from typing import Final, assert_never

from ....errors import UnreadableRecord
from ....exchange import TLSFailure
from ....oauth.json_object import JSON
from ....oauth.rfc7592 import UpdateForm
from ....oauth.signing_algorithm import SigningAlgorithm
from ...calls import (
    Asked,
    Call,
    CallOutcome,
    ClosedCall,
    DeregisterCall,
    ReadCall,
    RegisterCall,
    Said,
    UpdateCall,
    What,
)
from ..reader import Reader
from ..writer import present, time
from .signing_keys import read_signing_key, write_signing_key

_TLS: Final[Mapping[TLSFailure, str]] = {
    TLSFailure.UNTRUSTED: "untrusted",
    TLSFailure.EXPIRED: "expired",
    TLSFailure.WRONG_NAME: "wrong-name",
    TLSFailure.UNUSABLE: "unusable",
    TLSFailure.REFUSED: "refused",
}


def write_call(call: Call) -> dict[str, JSON]:
    """Return the members of a call."""
    return {
        "number": call.number,
        "nonce": call.nonce,
        "holder": call.holder,
        "issuer": call.issuer,
        "trust": call.trust,
        "endpoint": call.endpoint,
        "openedAt": time(call.opened_at),
        "deadline": time(call.deadline),
        **_what(call.what),
    }


def read_call(reader: Reader) -> Call:
    """Read a call, open or closed."""
    return Call(
        number=reader.number("number"),
        nonce=reader.text("nonce"),
        holder=reader.text("holder"),
        issuer=reader.text("issuer"),
        trust=reader.text("trust"),
        endpoint=reader.text("endpoint"),
        opened_at=reader.moment("openedAt"),
        deadline=reader.moment("deadline"),
        what=_read_what(reader),
    )


def write_closed(closed: ClosedCall) -> dict[str, JSON]:
    """Return the members of a closed call."""
    said = closed.said
    words: dict[str, JSON] = {
        "status": said.status,
        "error": said.error,
        "description": said.description,
        "retryAfter": said.retry_after,
        "json": None if said.json else False,
        "tls": None if said.tls is None else _TLS[said.tls],
    }
    return present(
        {
            **write_call(closed.call),
            "outcome": closed.outcome.value,
            "closedAt": time(closed.at),
            "said": present(words) or None,
        }
    )


def read_closed(reader: Reader) -> ClosedCall:
    """Read a closed call."""
    outcome, at, said = reader.word("outcome", CallOutcome), reader.moment("closedAt"), reader.child_or_none("said")
    return ClosedCall(call=read_call(reader), outcome=outcome, at=at, said=Said() if said is None else _read_said(said))


def write_asked(asked: Asked) -> dict[str, JSON]:
    """Return the members of what a call asked for."""
    return present({"digest": asked.digest, "members": None if asked.members is None else {**asked.members}})


def read_asked(reader: Reader) -> Asked:
    """Read what a call asked for."""
    return Asked(reader.text("digest"), reader.object_or_none("members"))


def _what(what: What) -> dict[str, JSON]:
    match what:
        case RegisterCall():
            return {
                "register": present(
                    {
                        "attempt": what.attempt,
                        "asked": write_asked(what.asked),
                        "bearer": what.bearer,
                        "initialAccessTokenVersion": what.credential,
                        "softwareStatementVersion": what.statement,
                        "softwareStatementReturned": what.returned or None,
                        "admittedBy": what.admitted_by,
                        "proofKey": what.proof_key,
                        "repeats": what.repeats or None,
                        "source": what.source,
                        "signing": None if what.signing is None else what.signing.value,
                        "key": None if what.key is None else write_signing_key(what.key),
                    }
                )
            }
        case ReadCall():
            read: dict[str, JSON] = {
                "client": what.client,
                "bearer": what.bearer,
                "byAccess": what.by_access or None,
                "repeats": what.repeats or None,
                "adopts": what.adopts or None,
            }
            return {"read": present(read)}
        case UpdateCall():
            update: dict[str, JSON] = {
                "client": what.client,
                "asked": write_asked(what.asked),
                "bearer": what.bearer,
                "byAccess": what.by_access or None,
                "repeats": what.repeats or None,
                "form": None if what.form is UpdateForm.FULL else what.form.value,
                "kids": [*what.kids] or None,
                "key": None if what.key is None else write_signing_key(what.key),
            }
            return {"update": present(update)}
        case DeregisterCall():
            deregister: dict[str, JSON] = {
                "client": what.client,
                "bearer": what.bearer,
                "byAccess": what.by_access or None,
            }
            return {"deregister": present(deregister)}
        case _:
            assert_never(what)


def _read_what(reader: Reader) -> What:
    if (register := reader.child_or_none("register")) is not None:
        key = register.child_or_none("key")
        return RegisterCall(
            attempt=register.number("attempt"),
            asked=read_asked(register.child("asked")),
            bearer=register.text_or_none("bearer"),
            credential=register.text_or_none("initialAccessTokenVersion"),
            statement=register.text_or_none("softwareStatementVersion"),
            returned=register.flag("softwareStatementReturned"),
            admitted_by=register.text_or_none("admittedBy"),
            proof_key=register.text_or_none("proofKey"),
            repeats=register.flag("repeats"),
            source=register.text_or_none("source"),
            signing=register.word("signing", SigningAlgorithm) if register.has("signing") else None,
            key=None if key is None else read_signing_key(key),
        )
    if (read := reader.child_or_none("read")) is not None:
        return ReadCall(
            client=read.number("client"),
            bearer=read.text_or_none("bearer"),
            by_access=read.flag("byAccess"),
            repeats=read.flag("repeats"),
            adopts=read.flag("adopts"),
        )
    if (update := reader.child_or_none("update")) is not None:
        key = update.child_or_none("key")
        return UpdateCall(
            client=update.number("client"),
            asked=read_asked(update.child("asked")),
            bearer=update.text_or_none("bearer"),
            by_access=update.flag("byAccess"),
            repeats=update.flag("repeats"),
            form=update.word("form", UpdateForm) if update.has("form") else UpdateForm.FULL,
            kids=update.words("kids"),
            key=None if key is None else read_signing_key(key),
        )
    if (deregister := reader.child_or_none("deregister")) is not None:
        return DeregisterCall(
            client=deregister.number("client"),
            bearer=deregister.text_or_none("bearer"),
            by_access=deregister.flag("byAccess"),
        )
    raise UnreadableRecord(f"{reader.place} is a call of no kind that this schema knows")


def _read_said(reader: Reader) -> Said:
    # A word of a later version takes nothing but the advice away.
    tls = reader.text_or_none("tls")
    return Said(
        status=reader.number("status") if reader.has("status") else None,
        error=reader.text_or_none("error"),
        description=reader.text_or_none("description"),
        retry_after=reader.seconds_or_none("retryAfter"),
        json=reader.flag("json", default=True),
        tls=next((failure for failure, word in _TLS.items() if word == tls), None),
    )
