"""Clients in schema 2: each origin, standing and end is a member of its own name."""

from typing import assert_never

from ....errors import UnreadableRecord
from ....oauth.json_object import JSON
from ....oauth.rfc7592 import UpdateForm
from ...calls import CallKind
from ...clients import (
    Adopted,
    Alive,
    Answer,
    Client,
    End,
    Ended,
    Ending,
    InStep,
    LeftBehind,
    NamedByStatus,
    Origin,
    PassedOn,
    Previous,
    Registered,
    Spare,
    UpdateDue,
)
from ..reader import Reader
from ..writer import present, revealed, time
from .calls import read_asked, write_asked
from .proofs import read_calibration, read_doubts, write_calibration, write_doubts
from .signing_keys import read_signing_key, write_signing_key


def write_client(client: Client) -> dict[str, JSON]:
    """Return the members of a client."""
    return present(
        {
            "key": client.key,
            "issuer": client.issuer,
            "trust": client.trust,
            **_origin(client.origin),
            "answer": present(
                {
                    "call": client.answer.call,
                    "members": client.information.to_members(),
                    "endpoints": {**client.endpoints} or None,
                }
            ),
            "confirmed": None if client.confirmed is None else write_asked(client.confirmed),
            "kept": [*client.kept] or None,
            **_standing(client),
            "unresolvedReads": [*client.unresolved_reads] or None,
            "refused": [kind.value for kind in sorted(client.refused)] or None,
            "spares": [_spare(s) for s in client.spares] or None,
            "previous": _previous(client.previous) or None,
            "updateForm": None if client.form is UpdateForm.FULL else client.form.value,
            "credentialAt": None if client.credential_at is None else time(client.credential_at),
            "credentialDated": None if client.credential_dated is None else time(client.credential_dated),
            "calibration": None if client.calibration is None else write_calibration(client.calibration),
            "doubts": None if client.doubts is None else write_doubts(client.doubts),
            "keys": [write_signing_key(key) for key in client.keys] or None,
            "kids": [*client.kids] or None,
            "oneKey": client.one_key or None,
            "endsAtExpiry": client.ends_at_expiry or None,
            **_end(client.end),
        }
    )


def read_client(reader: Reader) -> Client:
    """Read a client."""
    answer, confirmed, due = (
        reader.child("answer"),
        reader.child_or_none("confirmed"),
        reader.child_or_none("updateDue"),
    )
    calibration, doubts = reader.child_or_none("calibration"), reader.child_or_none("doubts")
    return Client(
        key=reader.number("key"),
        issuer=reader.text("issuer"),
        trust=reader.text("trust"),
        origin=_read_origin(reader),
        answer=Answer(
            information=answer.information("members"), call=answer.number("call"), endpoints=answer.texts("endpoints")
        ),
        confirmed=None if confirmed is None else read_asked(confirmed),
        kept=reader.words("kept"),
        standing=InStep() if due is None else UpdateDue(due.numbers("unresolved")),
        unresolved_reads=reader.numbers("unresolvedReads"),
        refused=frozenset(_kind(reader, word) for word in reader.words("refused")),
        spares=reader.items("spares", _read_spare),
        previous=_read_previous(reader.child_or_none("previous")),
        form=reader.word("updateForm", UpdateForm) if reader.has("updateForm") else UpdateForm.FULL,
        credential_at=reader.moment_or_none("credentialAt"),
        credential_dated=reader.moment_or_none("credentialDated"),
        calibration=None if calibration is None else read_calibration(calibration),
        doubts=None if doubts is None else read_doubts(doubts),
        keys=reader.items("keys", read_signing_key),
        kids=reader.words("kids"),
        one_key=reader.flag("oneKey"),
        ends_at_expiry=reader.flag("endsAtExpiry"),
        end=_read_end(reader),
    )


def _origin(origin: Origin) -> dict[str, JSON]:
    match origin:
        case Registered(attempt=attempt, at=at, admitted_by=admitted_by):
            return {"registered": present({"attempt": attempt, "at": time(at), "admittedBy": admitted_by})}
        case NamedByStatus(at=at):
            return {"namedByStatus": {"at": time(at)}}
        case Adopted(at=at, proven=proven):
            return {"adopted": present({"at": time(at), "proven": proven or None})}
        case _:
            assert_never(origin)


def _read_origin(reader: Reader) -> Origin:
    if (named := reader.child_or_none("namedByStatus")) is not None:
        return NamedByStatus(at=named.moment("at"))
    if (adopted := reader.child_or_none("adopted")) is not None:
        return Adopted(at=adopted.moment("at"), proven=adopted.flag("proven"))
    registered = reader.child("registered")
    return Registered(
        attempt=registered.number("attempt"),
        at=registered.moment("at"),
        admitted_by=registered.text_or_none("admittedBy"),
    )


def _standing(client: Client) -> dict[str, JSON]:
    match client.standing:
        case InStep():
            return {}
        case UpdateDue(unresolved=unresolved):
            return {"updateDue": {"unresolved": [*unresolved]}}
        case _:
            assert_never(client.standing)


def _kind(reader: Reader, word: str) -> CallKind:
    if word not in set(CallKind):
        raise UnreadableRecord(f"{reader.place}.refused names a call of no kind that this schema knows")
    return CallKind(word)


def _end(end: End) -> dict[str, JSON]:
    match end:
        case Alive():
            return {}
        case Ending(since=since, lost=lost):
            return {"ending": present({"since": time(since), "lost": lost or None})}
        case Ended(at=at):
            return {"ended": {"at": time(at)}}
        case LeftBehind(at=at, lost=lost, useless_from=useless_from):
            useless = None if useless_from is None else time(useless_from)
            return {"leftBehind": present({"at": time(at), "lost": lost or None, "uselessFrom": useless})}
        case PassedOn(at=at):
            return {"passedOn": {"at": time(at)}}
        case _:
            assert_never(end)


def _read_end(reader: Reader) -> End:
    if (ended := reader.child_or_none("ended")) is not None:
        return Ended(at=ended.moment("at"))
    if (left := reader.child_or_none("leftBehind")) is not None:
        return LeftBehind(at=left.moment("at"), lost=left.flag("lost"), useless_from=left.moment_or_none("uselessFrom"))
    if (passed_on := reader.child_or_none("passedOn")) is not None:
        return PassedOn(at=passed_on.moment("at"))
    ending = reader.child_or_none("ending")
    return Alive() if ending is None else Ending(since=ending.moment("since"), lost=ending.flag("lost"))


def _previous(previous: Previous) -> dict[str, JSON]:
    return present(
        {
            "registrationClientURI": previous.registration_client_uri,
            "registrationAccessToken": revealed(previous.registration_access_token),
        }
    )


def _read_previous(reader: Reader | None) -> Previous:
    if reader is None:
        return Previous()
    return Previous(
        registration_client_uri=reader.text_or_none("registrationClientURI"),
        registration_access_token=reader.secret_or_none("registrationAccessToken"),
    )


def _spare(spare: Spare) -> dict[str, JSON]:
    return present(
        {
            "call": spare.call,
            "registrationAccessToken": revealed(spare.registration_access_token),
            "clientSecret": revealed(spare.client_secret),
        }
    )


def _read_spare(reader: Reader) -> Spare:
    return Spare(
        call=reader.number("call"),
        registration_access_token=reader.secret_or_none("registrationAccessToken"),
        client_secret=reader.secret_or_none("clientSecret"),
    )
