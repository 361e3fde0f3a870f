"""The words for a pair that is being replaced, and for one that is leaving."""

import re
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime
from typing import Final, assert_never

from ..names import RETRY_ANNOTATION, ROTATE_ANNOTATION, Reason
from ..oauth.words import quoted
from ..record.clients import Client
from ..record.pairs import OwnKey, Pair, expiry
from ..record.replacements import ReplacementReason, Strategy, WithoutEffect
from .credentials_valid import is_refused
from .verdict import Verdict
from .words import at_another_issuer, named

_BY_ITSELF: Final = re.compile(r"\bby (itself|themselves)\b|\bfrom time to time\b")
"""What goes on so is not said twice."""
_WHY = {
    ReplacementReason.MOVED: "spec.issuer names another issuer than its own",
    ReplacementReason.GONE: "the authorization server does not know it any more",
    ReplacementReason.DOUBTFUL: "an update's answer was lost, so that its client secret may be another one by now",
    ReplacementReason.UNMANAGEABLE: "the edit cannot be brought to it",
    ReplacementReason.EXPIRY: "its client secret expires",
    ReplacementReason.REQUESTED: f"the annotation {ROTATE_ANNOTATION} asks for it",
    ReplacementReason.INTERVAL: "spec.rotation.interval is over",
    ReplacementReason.KEY_CHANGED: "spec asks for another kind of credential",
}


def replacing(
    reasons: Collection[ReplacementReason], client: Client | None, strategy: Strategy | None = Strategy.REREGISTER
) -> Verdict:
    """A replacement is under way and nothing stands in its way."""
    match strategy:
        case Strategy.KEYS:
            what = "another key is registered beside its own"
        case Strategy.SERVER:
            what = "another credential of the same client is asked for by an update"
        case Strategy.REREGISTER:
            what = "another client is registered"
        case None:
            what = "another client or key is registered"
        case _:
            assert_never(strategy)
    message = (
        f"{_named(client)} is being replaced, for {why(reasons, client)}: {what} and takes its place in the Secret; it "
        "goes on by itself"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def in_the_way(
    reasons: Collection[ReplacementReason], client: Client | None, obstacle: Verdict, *, said: str | None = None
) -> Verdict:
    """A replacement is due, or under way, and something keeps it; `said` is where that has been told already."""
    message = (
        f"{_named(client)} has to be replaced, for {why(reasons, client)}, and that cannot be done yet: "
        f"{said or obstacle.message}"
    )
    if said is None and _BY_ITSELF.search(obstacle.message) is None:
        message += "; it goes on by itself" + (" when that is put right" if obstacle.stalled else "")
    message += "; what is published stays meanwhile"
    return Verdict(reason=Reason.RENEWAL_FAILED, message=message, stalled=obstacle.stalled)


def waits_for_leaving(reasons: Collection[ReplacementReason], client: Client, leaving: int) -> Verdict:
    """So many pairs are leaving that no other may follow yet."""
    message = (
        f"{_named(client)} is going to be replaced, for {why(reasons, client)}: {leaving} clients that were published "
        "before are still good, and it begins by itself when the first of them leaves, as status.rotation.leaving says"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def waits_for_keys(reasons: Collection[ReplacementReason], client: Client, keys: int) -> Verdict:
    """The server holds no more keys of one client than are still good, as the issuer's terms say."""
    message = (
        f"the key of {_named(client)} is going to be replaced, for {why(reasons, client)}: the authorization server "
        f"holds no more than its {keys} keys, as spec.dialect of the issuer says, and it begins by itself when one "
        "that was published before leaves, as status.rotation.leaving says"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def waits_for_update(reasons: Collection[ReplacementReason], client: Client) -> Verdict:
    """An update of unknown outcome comes first: no third key is born before the server is known to hold two."""
    message = (
        f"the key of {_named(client)} is going to be replaced, for {why(reasons, client)}: another one is registered "
        "by itself once the update before it is answered"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def not_by_key(reasons: Collection[ReplacementReason], client: Client, obstacle: str | None) -> Verdict:
    """A key cannot take the place of the one before, and nothing else may."""
    because = f", because {obstacle}" if obstacle is not None else ""
    message = (
        f"the key of {_named(client)} has to be replaced, for {why(reasons, client)}, and stays published: no other "
        f"key can be registered beside it{because}; write spec.rotation.strategy: Reregister, and another client takes "
        "its place, for which users are asked for consent again"
    )
    return Verdict(reason=Reason.RENEWAL_FAILED, message=message, stalled=True)


def not_renewed_yet(reasons: Collection[ReplacementReason], client: Client, at: datetime) -> Verdict:
    """An update brought the same client secret: it is not the server's time yet."""
    message = (
        f"{_named(client)} has to have another client secret, for {why(reasons, client)}; an update brought the same "
        f"one, so the server does not renew it yet: it is asked again at {_time(at)}, and if it never does, another "
        "client is registered before the secret expires"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def not_by_update(reasons: Collection[ReplacementReason], client: Client, obstacle: str | None) -> Verdict:
    """Another method cannot be brought to the client, and by what is written no other client may take its place."""
    because = f": {obstacle}" if obstacle is not None else ""
    message = (
        f"{_named(client)} has to be replaced, for {why(reasons, client)}, and stays as it is, for "
        f"spec.rotation.strategy: Server asks for an update of it, which cannot be made{because}; write strategy: "
        "Reregister, and another client takes its place, for which users are asked for consent again"
    )
    return Verdict(reason=Reason.RENEWAL_FAILED, message=message, stalled=True)


def key_not_removed(client: Client, obstacle: Verdict) -> Verdict:
    """A key whose time is over, or that is not going to be used, is still registered."""
    message = (
        f"a key of {_named(client)} that is not published any more is still registered at the server: "
        f"{obstacle.message}"
    )
    return Verdict(reason=Reason.RENEWAL_FAILED, message=message, stalled=obstacle.stalled)


def not_its_turn(reasons: Collection[ReplacementReason], client: Client) -> Verdict:
    """Others of the same issuer are replaced first, slowly at the beginning."""
    message = (
        f"{_named(client)} is going to be replaced, for {why(reasons, client)}; clients of one issuer are replaced one "
        "at a time, and faster with each that succeeds, for what stands before a server may have said it: it begins by "
        "itself"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def not_said_again(reasons: Collection[ReplacementReason], client: Client, *, lasts: bool) -> Verdict:
    """Asked once more whether it knows the client, the server gives no answer that tells, `lasts`: for a while."""
    message = (
        f"{_named(client)} is going to be replaced, for {why(reasons, client)}; the server is asked once more before "
        "another client takes its place, and gives no answer now that tells: it is asked again by itself, less and "
        f"less often; the annotation {ROTATE_ANNOTATION} has it replaced whatever the server says"
    )
    return Verdict(reason=Reason.RENEWAL_FAILED if lasts else Reason.RENEWING, message=message)


def without_effect(reasons: Collection[ReplacementReason], client: Client, ended: WithoutEffect) -> Verdict:
    """The replacements so far brought nothing better."""
    times = "the one time that it was tried" if ended.times == 1 else f"{ended.times} times in a row"
    due = f"has to be replaced, for {why(reasons, client)}, and stays published" if reasons else "stays published"
    again = "it is tried again, later each time, and at once" if reasons else "it is tried again"
    key = (
        ", or it does not accept another key beside the first: then write spec.rotation.strategy: Reregister, and "
        "another client takes its place"
        if client.keys
        else ""
    )
    message = (
        f"{_named(client)} {due}: {times} the authorization server answered with nothing better (the same client, one "
        f"that was published before, or one that expires no later or is not what spec asks{key}), or took back why; "
        f"ask its administrator why; {again} when the annotation {ROTATE_ANNOTATION} changes"
    )
    return Verdict(reason=Reason.RENEWAL_FAILED, message=message)


def waits_for_proof(reasons: Collection[ReplacementReason], client: Client, said: str | None) -> Verdict:
    """Nobody can say yet what proves the first key, and without that no other one is made."""
    because = f" ({said})" if said is not None else ""
    message = (
        f"the key of {_named(client)} is going to be replaced, for {why(reasons, client)}: what proves the first one "
        "has to be known before another is registered beside it, and the server cannot be asked now"
        f"{because}; it is asked again by itself"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def not_proven(reasons: Collection[ReplacementReason], client: Client, said: str | None) -> Verdict:
    """For ten minutes nobody could say what proves the first key."""
    because = f" ({said})" if said is not None else ""
    message = (
        f"the key of {_named(client)} has to be replaced, for {why(reasons, client)}, and stays published: what proves "
        "it has to be known before another is registered beside it, and the server gives no answer that tells"
        f"{because}; it is asked again by itself, less and less often, and at once when the annotation "
        f"{RETRY_ANNOTATION} changes; spec.rotation.strategy: Keys does without, and strategy: Reregister puts another "
        "client in its place, for which users are asked for consent again"
    )
    return Verdict(reason=Reason.RENEWAL_FAILED, message=message)


def keys_not_accepted(client: Client, kid: str) -> Verdict:
    """Of two keys that a server took, it does not accept one."""
    message = (
        f"another key was registered beside that of {_named(client)}, and the server does not accept key {kid} now; it "
        "is asked again for a minute, and then the other key is taken back"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def keys_not_proven(client: Client, kid: str) -> Verdict:
    """Of two keys that a server took, nobody can say whether it accepts one."""
    message = (
        f"another key was registered beside that of {_named(client)}, and nobody can say now whether the server "
        f"accepts key {kid}; it is asked again for ten minutes, and then the other key is taken back"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def not_accepted_yet(client: Client) -> Verdict:
    """A client that is to be published is not accepted by its own server, as it may be for a while."""
    message = (
        f"client {quoted(client.information.client_id)} was registered to take its place, and the server does not "
        "accept its credentials yet; it is asked again for ten minutes, and given up for another one if it is not "
        "accepted by then"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def given_up(times: int) -> Verdict:
    """Clients that were registered to replace the published one were of no use."""
    which = "a client that was registered for that was" if times == 1 else f"{times} that were registered for that were"
    message = (
        f"the published client has to be replaced, and {which} no better (it expires no later, is not what spec asks, "
        "or was not accepted), and given up; another one is registered by itself"
    )
    return Verdict(reason=Reason.RENEWAL_FAILED, message=message)


def neither(there: Verdict, client: Client, here: Verdict) -> Verdict:
    """Another client can be had neither at the issuer that the spec names nor at the published one's own."""
    own = f"nor can {_named(client)} be replaced at its own issuer, {client.issuer}, meanwhile: {here.message}"
    return replace(there, message=f"{there.message}; {own}")


def ends_adopted(client: Client, at: datetime) -> Verdict:
    """A client that was handed over is going to be replaced: whoever uses it elsewhere loses it."""
    message = (
        f"{named(client)} was adopted; from {_time(at)} on another client is registered in its place, and it is "
        "deregistered spec.rotation.overlap later, for all who use it: spec.policy.expiry: Report, or no "
        "spec.rotation.interval, keeps it"
    )
    return Verdict(reason=Reason.RENEWING, message=message)


def leaving(
    pairs: Collection[tuple[Client, Pair, datetime | None]], published: Client | None = None, *, paused: bool = False
) -> Verdict:
    """Pairs that were published before `published` are still good, until when if that is known, or no pause is."""
    what = "another key" if all(isinstance(pair.credential, OwnKey) for _, pair, _ in pairs) else "another client"
    until = "; ".join(
        f"{named(client, pair)}{at_another_issuer(client, published)} until "
        + ("spec.rotation.overlap after the Secret shows the new one" if at is None else _time(at))
        for client, pair, at in pairs
    )
    if all(is_refused(client) for client, _, _ in pairs):
        state, due = "the server does not accept what was published before any more, which is let go later", "Now"
    else:
        state, due = "what was published before is still good", "By then"
    message = (
        f"{what} is published, and {state}: {until}. {due} pods have to have "
        "taken up the Secret; those that read it at start alone have to be restarted"
    )
    if paused:
        message += "; while this resource is paused nothing of it is ended"
    return Verdict(reason=Reason.LEAVING, message=message)


def why(reasons: Collection[ReplacementReason], client: Client | None) -> str:
    """Return the reasons as one phrase."""
    at = expiry(client) if client is not None else None
    when = f" at {_time(at)}" if at is not None else ""
    ends = client is not None and client.ends_at_expiry
    said = {**_WHY, ReplacementReason.EXPIRY: ("it ends" if ends else _WHY[ReplacementReason.EXPIRY]) + when}
    return ", and ".join(said[reason] for reason in reasons) or "a reason that has gone by now"


def _named(client: Client | None) -> str:
    return "the published client" if client is None else named(client)


def _time(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"
