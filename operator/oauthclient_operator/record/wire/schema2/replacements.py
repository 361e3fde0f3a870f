"""A replacement and what leaves, in schema 2."""

from typing import assert_never

from ....oauth.json_object import JSON
from ...pairs import Credential, NoCredential, OwnKey, Pair, SecretOf
from ...replacements import Leaving, Replacement, ReplacementReason, Strategy, WithoutEffect
from ..reader import Reader
from ..writer import present, time


def write_pair(pair: Pair) -> dict[str, JSON]:
    """Return the members of a pair."""
    match pair.credential:
        case SecretOf(fingerprint=fingerprint):
            credential: dict[str, JSON] = {"secretOf": fingerprint}
        case OwnKey(kid=kid):
            credential = {"ownKey": kid}
        case NoCredential():
            credential = {}
        case _:
            assert_never(pair.credential)
    return {"client": pair.client, "credential": credential}


def read_pair(reader: Reader) -> Pair:
    """Read a pair."""
    return Pair(client=reader.number("client"), credential=_read_credential(reader.child("credential")))


def _read_credential(reader: Reader) -> Credential:
    secret, kid = reader.text_or_none("secretOf"), reader.text_or_none("ownKey")
    if kid is not None:
        return OwnKey(kid)
    return NoCredential() if secret is None else SecretOf(secret)


def write_replacement(replacement: Replacement) -> dict[str, JSON]:
    """Return the members of a replacement."""
    return present(
        {
            "reasons": [reason.value for reason in replacement.reasons],
            "strategy": replacement.strategy.value,
            "begunAt": time(replacement.begun_at),
            "firstCall": replacement.first_call,
            "firstAttempt": replacement.first_attempt,
            "givenUp": replacement.given_up or None,
            "pair": None if replacement.pair is None else write_pair(replacement.pair),
            "triedAt": None if replacement.tried_at is None else time(replacement.tried_at),
            "refusedKeys": list(replacement.refused) or None,
        }
    )


def read_replacement(reader: Reader) -> Replacement:
    """Read a replacement."""
    pair = reader.child_or_none("pair")
    return Replacement(
        reasons=reader.words_of("reasons", ReplacementReason),
        strategy=reader.word("strategy", Strategy),
        begun_at=reader.moment("begunAt"),
        first_call=reader.number("firstCall"),
        first_attempt=reader.number("firstAttempt"),
        given_up=reader.number("givenUp", 0),
        pair=None if pair is None else read_pair(pair),
        tried_at=reader.moment_or_none("triedAt"),
        refused=reader.words("refusedKeys"),
    )


def write_leaving(leaving: Leaving) -> dict[str, JSON]:
    """Return the members of a pair that is leaving."""
    shown_at, until = (None if at is None else time(at) for at in (leaving.shown_at, leaving.until))
    return present({"pair": write_pair(leaving.pair), "shownAt": shown_at, "until": until})


def read_leaving(reader: Reader) -> Leaving:
    """Read a pair that is leaving."""
    return Leaving(
        pair=read_pair(reader.child("pair")),
        shown_at=reader.moment_or_none("shownAt"),
        until=reader.moment_or_none("until"),
    )


def write_without_effect(ended: WithoutEffect) -> dict[str, JSON]:
    """Return the members of what is known of replacements that changed nothing."""
    reasons: list[JSON] = [reason.value for reason in ended.reasons]
    return present({"times": ended.times, "at": time(ended.at), "reasons": reasons or None})


def read_without_effect(reader: Reader) -> WithoutEffect:
    """Read what is known of replacements that changed nothing."""
    return WithoutEffect(
        times=reader.number("times"),
        at=reader.moment("at"),
        reasons=reader.words_of("reasons", ReplacementReason),
    )
