"""Calls in schema 2, open and closed; what a call says stands under the name of its kind."""

from typing import assert_never

from ....errors import UnreadableRecord
from ....oauth.json_object import JSON
from ...calls import Asked, Call, CallOutcome, ClosedCall, DeregisterCall, RegisterCall, Said, UpdateCall, What
from ..reader import Reader
from ..writer import present, time


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
                        "proofKey": what.proof_key,
                        "repeats": what.repeats or None,
                    }
                )
            }
        case UpdateCall():
            update: dict[str, JSON] = {"client": what.client, "asked": write_asked(what.asked), "bearer": what.bearer}
            return {"update": present(update)}
        case DeregisterCall():
            return {"deregister": present({"client": what.client, "bearer": what.bearer})}
        case _:
            assert_never(what)


def _read_what(reader: Reader) -> What:
    if (register := reader.child_or_none("register")) is not None:
        return RegisterCall(
            attempt=register.number("attempt"),
            asked=read_asked(register.child("asked")),
            bearer=register.text_or_none("bearer"),
            credential=register.text_or_none("initialAccessTokenVersion"),
            proof_key=register.text_or_none("proofKey"),
            repeats=register.flag("repeats"),
        )
    if (update := reader.child_or_none("update")) is not None:
        asked = read_asked(update.child("asked"))
        return UpdateCall(client=update.number("client"), asked=asked, bearer=update.text_or_none("bearer"))
    if (deregister := reader.child_or_none("deregister")) is not None:
        return DeregisterCall(client=deregister.number("client"), bearer=deregister.text_or_none("bearer"))
    raise UnreadableRecord(f"{reader.place} is a call of no kind that this schema knows")


def _read_said(reader: Reader) -> Said:
    return Said(
        status=reader.number("status") if reader.has("status") else None,
        error=reader.text_or_none("error"),
        description=reader.text_or_none("description"),
        retry_after=reader.seconds_or_none("retryAfter"),
        json=reader.flag("json", default=True),
    )
