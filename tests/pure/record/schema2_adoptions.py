"""Records of clients that a Secret hands over, as schema 2 has them."""

from collections.abc import Mapping
from typing import Any, Final

from oauthclient_operator.record.adopting import offer, refuse, refuse_unproven, take_up, take_up_unproven
from oauthclient_operator.record.calls import Asked, CallKind
from oauthclient_operator.record.record import Record
from oauthclient_operator.resource.client_information_secret import HandedOver
from tests.pure.record.steps import LATER, LOST, answered, failed, named, opened, refused
from tests.pure.records import ISSUER, METADATA, NOW, empty_record, information, registered_record


def handed_over(**members: Any) -> HandedOver:
    told = information(**named("made-by-hand"), registration_access_token="r9", client_secret="s9", **members)
    return HandedOver(issuer=ISSUER, information=told, fingerprint="f" * 32)


def adoption_offered() -> Record:
    """What a Secret hands over, and the read that is to prove it, whose answer was lost once."""
    record = offer(empty_record(), handed_over(), {"token_endpoint": f"{ISSUER}/token"}, "system", NOW)
    record = failed(record, CallKind.READ, LOST, client=1, bearer="b" * 16, adopts=True)
    return opened(record, CallKind.READ, client=1, bearer="b" * 16, repeats=True, adopts=True)[0]


def adoption_proven() -> Record:
    record = offer(empty_record(), handed_over(), {}, "system", NOW)
    told = named("made-by-hand")
    return answered(record, CallKind.READ, {"client": 1, "bearer": "b" * 16, "adopts": True}, **told)


def adoption_refused() -> Record:
    record = offer(empty_record(), handed_over(), {}, "system", NOW)
    return failed(record, CallKind.READ, refused(), client=1, bearer="b" * 16, adopts=True)


def adoption_unproven() -> Record:
    return refuse_unproven(registered_record(), "f" * 32, LATER)


def adoption_held_by_another() -> Record:
    return refuse(adoption_proven(), "f" * 32, LATER)


def adopted() -> Record:
    return take_up(adoption_proven(), 1, 3, LATER)


def adopted_unproven() -> Record:
    asked = Asked("v1:digest", METADATA)
    return take_up_unproven(empty_record(), handed_over(), asked, {}, "system", 1, NOW)


RECORDS: Final[Mapping[str, Record]] = {
    "adopted": adopted(),
    "adopted-unproven": adopted_unproven(),
    "adoption-held-by-another": adoption_held_by_another(),
    "adoption-offered": adoption_offered(),
    "adoption-proven": adoption_proven(),
    "adoption-refused": adoption_refused(),
    "adoption-unproven": adoption_unproven(),
}
