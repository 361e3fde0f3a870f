"""A record says how an issuer is reached that a ClusterOAuthIssuer describes, as long as one of its clients lives."""

from dataclasses import replace

from oauthclient_operator.reach import IssuerAddress, Reach
from oauthclient_operator.record.calls import CallKind
from oauthclient_operator.record.clients import Ended
from oauthclient_operator.record.compaction import compacted
from oauthclient_operator.record.transitions import absorb
from tests.pure.record.schema2_records import RECORDS
from tests.pure.record.steps import LATER, given_up
from tests.pure.records import ISSUER, NOW, empty_record, information, registered_record

OLD, NEW = Reach(owner="u-1", authorities="old"), Reach(owner="u-1", authorities="new")
RECORD = registered_record()


def test_the_newest_word_on_an_issuer_stands_and_says_nothing_of_another() -> None:
    record = RECORD.reached(IssuerAddress(ISSUER, OLD)).reached(IssuerAddress("https://other.example", OLD))
    assert record.reached(IssuerAddress(ISSUER, OLD)) is record
    record = record.reached(IssuerAddress(ISSUER, NEW))
    assert record.address_of(ISSUER) == (ISSUER, NEW)
    assert record.address_of("https://other.example") == ("https://other.example", OLD)
    assert record.address_of("https://third.example") == ("https://third.example", None)


def test_a_spec_that_names_the_issuer_itself_has_it_reached_by_the_options() -> None:
    record = RECORD.reached(IssuerAddress(ISSUER, OLD)).reached(IssuerAddress(ISSUER))
    assert record.reaches == {}


def test_it_is_kept_until_no_client_there_is_alive() -> None:
    record = RECORD.reached(IssuerAddress(ISSUER, OLD))
    assert compacted(record).reaches == {ISSUER: OLD}
    (client,) = record.clients
    assert compacted(record.with_client(replace(client, end=Ended(at=NOW)))).reaches == {}


def test_it_is_kept_for_an_answer_that_was_lost_and_comes_late() -> None:
    record, made = given_up(empty_record().reached(IssuerAddress(ISSUER, OLD)), CallKind.REGISTER)
    record = compacted(absorb(compacted(record), made, information(), {}, LATER))
    assert [client.alive for client in record.clients] == [True]
    assert record.reaches == {ISSUER: OLD}


def test_it_is_kept_for_a_client_that_is_handed_over_before_it_is_the_records() -> None:
    record = RECORDS["adoption-offered"].reached(IssuerAddress(ISSUER, OLD))
    assert compacted(record).reaches == {ISSUER: OLD}
