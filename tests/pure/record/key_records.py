"""Records that know of keys of the operator's own; the keys are examples, made for these tests alone."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.client_information import ClientInformation
from oauthclient_operator.oauth.client_metadata import ClientMetadata
from oauthclient_operator.oauth.proof.results import Refused
from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.record.adopting import offer
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.pairs import OwnKey, Pair
from oauthclient_operator.record.proving import key_judged
from oauthclient_operator.record.record import Record
from oauthclient_operator.record.replacements import Replacement, ReplacementReason, Strategy
from oauthclient_operator.record.replacing import begin, give_up, promote, show
from oauthclient_operator.record.signing_keys import SigningKey
from oauthclient_operator.resource.client_information_secret import HandedOver
from tests.pure.record.steps import LATER, answered, failed, opened, refused
from tests.pure.records import ISSUER, NOW, empty_record

METADATA: Final[dict[str, Any]] = {
    "client_name": "web",
    "grant_types": ["client_credentials"],
    "token_endpoint_auth_method": "private_key_jwt",
}
_FIRST: Final = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgcjNZdvDVJlOly41h
98xtqBLN52JVtMyPuTzEhXMNSWShRANCAASgyWAhrcLBvG+e6S/kkEKT1rPAyHlP
Am6NlfLPh+WHj7UQhqsEAisppYMj+b2c+fupqcpa5LIltB6LirWpDdhO
-----END PRIVATE KEY-----
"""
_SECOND: Final = """-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJR0ThiBkJDe9ZlDgcK1hEK9PWqe3jnH3caQWvBexc04
-----END PRIVATE KEY-----
"""
FIRST: Final = SigningKey.of(Confidential(_FIRST), SigningAlgorithm.ES256, NOW)
SECOND: Final = SigningKey.of(Confidential(_SECOND), SigningAlgorithm.EDDSA, LATER)
BY_KEY: Final[dict[str, Any]] = {"digest": ClientMetadata.confirmed(METADATA).digest(), "metadata": METADATA}
ANSWER: Final[dict[str, Any]] = {**METADATA, "client_secret": None, "redirect_uris": None}


def replacement(record: Record) -> Replacement:
    """Return the replacement of the first key by the second one, at the same client."""
    return Replacement(
        reasons=(ReplacementReason.KEY_CHANGED,),
        strategy=Strategy.KEYS,
        begun_at=LATER,
        first_call=record.next_call,
        first_attempt=2,
        pair=Pair(client=1, credential=OwnKey(SECOND.kid)),
    )


def opening() -> Record:
    return opened(empty_record(), CallKind.REGISTER, signing=FIRST.algorithm, key=FIRST, **BY_KEY)[0]


def rejected() -> Record:
    outcome = refused(400, error="invalid_client_metadata")
    return failed(empty_record(), CallKind.REGISTER, outcome, signing=FIRST.algorithm, key=FIRST, **BY_KEY)


def registered() -> Record:
    values = {"signing": FIRST.algorithm, "key": FIRST, **BY_KEY}
    return answered(empty_record(), CallKind.REGISTER, values, **ANSWER)


def born() -> Record:
    """A second key is on its way to the server."""
    record = registered()
    begun = begin(record, replacement(record))
    values = {"client": 1, "kids": (FIRST.kid, SECOND.kid), "key": SECOND, **BY_KEY}
    return opened(begun, CallKind.UPDATE, **values)[0]


def both(**answer: Any) -> Record:
    """The server took both."""
    record = registered()
    values = {"client": 1, "kids": (FIRST.kid, SECOND.kid), "key": SECOND, **BY_KEY}
    return answered(begin(record, replacement(record)), CallKind.UPDATE, values, **ANSWER, **answer)


def key_refused() -> Record:
    """The server took both, and does not accept the second yet."""
    return key_judged(both(), SECOND.kid, Refused(known=False))


def leaving() -> Record:
    record = promote(both(), Pair(client=1, credential=OwnKey(SECOND.kid)), None, LATER)
    return show(record, record.edition, LATER, timedelta(hours=24))


def one_key() -> Record:
    """The server answered with one of two, and the other one was given up."""
    record = both(jwks={"keys": [FIRST.public_jwk]})
    return give_up(record, Pair(client=1, credential=OwnKey(SECOND.kid)), one_key=True)


def handed_over() -> Record:
    """A client is handed over with its key, and to be read."""
    told = {**METADATA, "client_id": "c1", "registration_access_token": "r9", "registration_client_uri": f"{ISSUER}/c1"}
    handed = HandedOver(issuer=ISSUER, information=ClientInformation.parse(told), fingerprint="f" * 32, key=FIRST.key)
    return offer(empty_record(), handed, {}, "system", NOW)


def handed_over_after_another() -> Record:
    """It was read, and its server names another key."""
    values = {"client": 1, "bearer": "b" * 16, "adopts": True}
    return answered(handed_over(), CallKind.READ, values, **ANSWER, jwks={"keys": [SECOND.public_jwk]})


RECORDS: Final[Mapping[str, Record]] = {
    "key-handed-over": handed_over(),
    "key-handed-over-after-another": handed_over_after_another(),
    "key-opening": opening(),
    "key-rejected": rejected(),
    "key-registered": registered(),
    "key-born": born(),
    "key-refused": key_refused(),
    "key-leaving": leaving(),
    "key-one-only": one_key(),
}
