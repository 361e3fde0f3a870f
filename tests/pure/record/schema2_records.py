"""Records that schema 1 could not hold, or not without losing a part."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.exchange import NotSent, TLSFailure
from oauthclient_operator.oauth.outcome import Ambiguous, NotUnderstood, Rejected
from oauthclient_operator.oauth.rfc7592 import UpdateForm
from oauthclient_operator.reach import IssuerAddress, Reach
from oauthclient_operator.record.attempts import Attempt, AttemptState
from oauthclient_operator.record.calls import Asked, CallKind, CallOutcome, ClosedCall, Said
from oauthclient_operator.record.clients import Client, End, Ended, Ending, Registered, Spare, UpdateDue
from oauthclient_operator.record.record import Record, Release, ReleaseOutcome
from oauthclient_operator.record.transitions import absorb, close, name_lost, pass_on, take_expiry
from tests.pure.record.schema2_adoptions import RECORDS as ADOPTION_RECORDS
from tests.pure.record.schema2_management import RECORDS as MANAGEMENT_RECORDS
from tests.pure.record.schema2_replacements import RECORDS as LATER_RECORDS
from tests.pure.record.steps import LATER, LOST, NAMED, answered, failed, given_up, named, of, opened, refused, update
from tests.pure.records import ISSUER, METADATA, NOW, call, empty_record, information, published, registered_record

OTHER_ISSUER = "https://other.example/realms/shop"


def attempt(number: int, state: AttemptState) -> Attempt:
    return Attempt(
        number=number,
        issuer=ISSUER,
        endpoint=f"{ISSUER}/register",
        sent_at=NOW + timedelta(minutes=number),
        until=NOW + timedelta(minutes=number, seconds=20),
        state=state,
        metadata=METADATA if state in (AttemptState.OPEN, AttemptState.SUSPECT) else {},
    )


def client(key: int) -> Client:
    answer = information(**named(f"c{key}"), registration_access_token=f"r{key}", client_secret=f"s{key}")
    known = published(registered_record())
    return replace(known, key=key, answer=replace(known.answer, information=answer, call=key))


def register_open_with_software_statement() -> Record:
    return opened(empty_record(), CallKind.REGISTER, statement="6b1f0c1e-uid/41")[0]


def register_with_the_statement_of_before() -> Record:
    """The one that the server had returned was sent, and refused, and is sent again."""
    unapproved = Rejected(status=400, error="unapproved_software_statement", description=None, retry_after=None)
    said = {"statement": "6b1f0c1e-uid/42", "returned": True}
    return opened(
        failed(registered_with_software_statement(), CallKind.REGISTER, unapproved, **said), CallKind.REGISTER, **said
    )[0]


def admitted_by_an_issuer_resource() -> Record:
    """One that it let in, and another that it is asked to let in."""
    said = {"admitted_by": "22222222-3333-4444-5555-666666666666"}
    return opened(answered(empty_record(), CallKind.REGISTER, said), CallKind.REGISTER, **said)[0]


def registered_with_software_statement() -> Record:
    """The server returned it, as it must; which version of its Secret went out is known beside it."""
    said = {"statement": "6b1f0c1e-uid/41", "credential": "0d9a7c55-uid/12"}
    return answered(
        empty_record(), CallKind.REGISTER, said, **METADATA, software_statement="eyJhbGciOiJIUzI1NiJ9.e30.c2ln"
    )


def attempts_in_each_state() -> Record:
    """What left nothing was told from what goes on by whether its refusal came late."""
    attempts = tuple(attempt(number, state) for number, state in enumerate(AttemptState, start=1))
    return replace(empty_record(), attempts=attempts, next_call=6)


def attempt_refused_late() -> Record:
    record, made = given_up(empty_record(), CallKind.REGISTER)
    return close(record, made, refused(400, error="invalid_redirect_uri"), LATER)


def given_out_again() -> Record:
    """A client that a server gives out again lives, with nothing left of the end that was begun."""
    record, made = opened(empty_record(), CallKind.REGISTER)
    record = close(record, made, Ambiguous(cause="truncated", salvage=NAMED), LATER)
    record = failed(record, CallKind.DEREGISTER, LOST, client=made.number)
    return answered(record, CallKind.REGISTER)


def client_given_out_again() -> Record:
    """As it was written by who did not keep when the secret came, nor which registration was the last."""
    record = given_out_again()
    origin = Registered(attempt=1, at=LATER)
    return record.with_client(replace(published(record), credential_at=None, origin=origin))


def passed_on() -> Record:
    """Another record was given the client after the deregistration of this one, whose answer was lost."""
    record = failed(registered_record(), CallKind.DEREGISTER, LOST, client=1)
    record = replace(record, released=Release(outcome=ReleaseOutcome.UNCONFIRMED, at=LATER))
    return pass_on(record, 1, LATER)


def clients_of_two_issuers() -> Record:
    """One identifier of two issuers is two clients."""
    record = registered_record()
    moved = replace(
        client(2), issuer=OTHER_ISSUER, trust="bundle:4f2a", answer=replace(published(record).answer, call=2)
    )
    return replace(record.with_client(moved), next_call=3)


def dated_by_its_server() -> Record:
    """Our clock was ahead of the server's when the secret came."""
    record, made = opened(empty_record(), CallKind.REGISTER)
    return absorb(record, made, information(), {}, LATER, dated=NOW - timedelta(hours=1))


def deregister_answered_with_a_page() -> Record:
    record = registered_record()
    record = failed(record, CallKind.DEREGISTER, refused(404, error=None, json=False), **of(record))
    # Once a page was taken for a word about the token.
    return record.with_client(replace(published(record), refused=frozenset({CallKind.DEREGISTER})))


def ends_in_each_state() -> Record:
    record = registered_record()
    ends: tuple[End, ...] = (Ending(since=NOW), Ending(since=NOW, lost=True), Ended(at=LATER))
    for key, end in enumerate(ends, start=2):
        record = record.with_client(replace(client(key), end=end))
    return replace(record, next_call=5)


def everything() -> Record:
    """Every member that the schema has, though no life of a resource leads here."""
    record = registered_record()
    holder: dict[str, Any] = {
        "holder": "two",
        "credential": "secret-uid/1",
        "bearer": "b" * 16,
        "proof_key": "jkt",
        "repeats": True,
    }
    opening = call(replace(record, next_call=6), CallKind.REGISTER, at=LATER, **holder)
    register = call(record, CallKind.REGISTER, attempt=2, **holder).compacted()
    changed = call(replace(record, next_call=3), CallKind.UPDATE, **update(record)).compacted()
    ended = call(replace(record, next_call=4), CallKind.DEREGISTER, **of(record))
    said = Said(status=404, error="not_found", description="No such client.", retry_after=1.5, json=False)
    whole = replace(
        published(record),
        kept=("scope",),
        standing=UpdateDue((3,)),
        refused=frozenset({CallKind.UPDATE, CallKind.DEREGISTER}),
        spares=(
            Spare(call=3, registration_access_token=Confidential("r3"), client_secret=Confidential("s3")),
            Spare(call=4, registration_access_token=Confidential("r4")),
            Spare(call=5, client_secret=Confidential("s5")),
        ),
        end=Ending(since=NOW, lost=True),
    )
    confirmed = replace(client(4), confirmed=Asked("v1:known-by-its-digest-alone"), end=Ended(at=LATER))
    record = replace(
        record.with_client(whole).with_client(confirmed),
        secrets=("web", "web-oauth"),
        next_call=7,
        open=opening,
        closed=(
            *record.closed,
            ClosedCall(call=register, outcome=CallOutcome.REJECTED, at=LATER, said=said),
            ClosedCall(call=changed, outcome=CallOutcome.AMBIGUOUS, at=LATER, said=Said(description="no answer")),
            ClosedCall(call=ended, outcome=CallOutcome.NOT_SENT, at=LATER, said=Said(description="no route")),
        ),
        released=Release(outcome=ReleaseOutcome.UNCONFIRMED, at=LATER),
        recreated=True,
    )
    record = record.with_attempt(attempt(2, AttemptState.SUSPECT)).with_attempt(attempt(3, AttemptState.OPEN))
    return later_members(name_lost(record, "named-by-status", ISSUER, "system", LATER))


def later_members(record: Record) -> Record:
    return replace(record, unknown={"lineage": 3, "delegation": {"pair": {"client": 2}}, "departing": [], "held": None})


def register_not_understood() -> Record:
    outcome = NotUnderstood(status=201, cause="HTTP 201 with a JSON object without a client_id")
    return failed(empty_record(), CallKind.REGISTER, outcome)


def refused_where_it_worked_before() -> Record:
    """A client with what it was managed with before, whose server takes what is asked alone; twice called so."""
    record = registered_record()
    answer = {"registration_client_uri": f"{ISSUER}/register/c1/c1", "registration_access_token": "r2"}
    record = answered(record, CallKind.UPDATE, update(record, form=UpdateForm.ASKED), **answer)
    record = failed(record, CallKind.UPDATE, refused(404, error=None), **update(record, form=UpdateForm.ASKED))
    return opened(record, CallKind.UPDATE, **update(record, form=UpdateForm.ASKED))[0]


def registered_in_an_odd_form() -> Record:
    record, made = opened(empty_record(), CallKind.REGISTER)
    return absorb(record, made, information(), {}, LATER, flaws=("a header line that is not HTTP",))


def register_never_secured() -> Record:
    """Metadata that the spec named, at a server whose certificate nobody vouches for; tried once more."""
    lost = NotSent(cause="the certificate is not trusted", tls=TLSFailure.UNTRUSTED)
    record = failed(empty_record(), CallKind.REGISTER, lost, source="5d41402abc4b2a76")
    return opened(record, CallKind.REGISTER, source="7d793037a0760186")[0]


def update_not_understood() -> Record:
    record = registered_record()
    return failed(record, CallKind.UPDATE, NotUnderstood(status=204, cause="HTTP 204 without a body"), **update(record))


def named_beside_registered() -> Record:
    return name_lost(registered_record(), "another", ISSUER, "system", LATER)


def reads_unresolved() -> Record:
    """A read whose answer was lost twice, as was asked for once, and a third time as was asked for anew."""
    record = failed(registered_record(), CallKind.READ, LOST, **of(registered_record()))
    record = failed(record, CallKind.READ, LOST, **of(record), repeats=True)
    record = replace(record, refresh="f" * 16)
    return opened(record, CallKind.READ, **of(record), repeats=True)[0]


def read_and_changed() -> Record:
    """What another changed at the server, in a member that the spec sets."""
    return answered(registered_record(), CallKind.READ, of(registered_record()), client_name="changed")


def token_refused_for_both_kinds() -> Record:
    record = registered_record()
    record = failed(record, CallKind.UPDATE, refused(), **update(record))
    return failed(record, CallKind.DEREGISTER, refused(), **of(record))


def reached() -> Record:
    reach = Reach(
        owner="0f1e2d3c-4b5a-4978-8675-a4b3c2d1e0f9",
        authorities="-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n",
        system_authorities=True,
        private_addresses=("10.20.0.0/16", "fd00::/8"),
        http=True,
        endpoint_origins=("https://api.idp.example.com",),
    )
    return registered_record().reached(IssuerAddress(ISSUER, reach))


def ends_at_expiry() -> Record:
    record = registered_record(client_secret_expires_at=int((NOW + timedelta(days=30)).timestamp()))
    return take_expiry(record, ISSUER, of_client=True)


RECORDS: Final[Mapping[str, Record]] = {
    **ADOPTION_RECORDS,
    **LATER_RECORDS,
    **MANAGEMENT_RECORDS,
    "attempt-refused-late": attempt_refused_late(),
    "attempts-in-each-state": attempts_in_each_state(),
    "client-given-out-again": client_given_out_again(),
    "clients-of-two-issuers": clients_of_two_issuers(),
    "dated-by-its-server": dated_by_its_server(),
    "deregister-answered-with-a-page": deregister_answered_with_a_page(),
    "ends-at-expiry": ends_at_expiry(),
    "ends-in-each-state": ends_in_each_state(),
    "everything": everything(),
    "given-out-again": given_out_again(),
    "members-of-a-later-version": later_members(registered_record()),
    "named-beside-registered": named_beside_registered(),
    "passed-on": passed_on(),
    "reached-as-an-issuer-resource-says": reached(),
    "read-and-changed": read_and_changed(),
    "reads-unresolved": reads_unresolved(),
    "refused-where-it-worked-before": refused_where_it_worked_before(),
    "admitted-by-an-issuer-resource": admitted_by_an_issuer_resource(),
    "register-not-understood": register_not_understood(),
    "register-never-secured": register_never_secured(),
    "register-open-with-software-statement": register_open_with_software_statement(),
    "register-with-the-statement-of-before": register_with_the_statement_of_before(),
    "registered-in-an-odd-form": registered_in_an_odd_form(),
    "registered-with-software-statement": registered_with_software_statement(),
    "update-not-understood": update_not_understood(),
    "token-refused-for-both-kinds": token_refused_for_both_kinds(),
}
