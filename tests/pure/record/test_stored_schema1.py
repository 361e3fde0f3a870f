"""Records as version 0.1.0 stored them are read, and say what they said."""

from collections.abc import Mapping
from typing import Any

import pytest

from oauthclient_operator import names
from oauthclient_operator.record.summary import annotations, client_label, labels, older_client_label
from tests.pure.record import stored_secrets
from tests.pure.record.known import Credentials, Known, known, servers_of, whose

ONE: Mapping[str, Credentials] = {"client-1": ("rat-1", "secret-1")}
TWO: Mapping[str, Credentials] = {**ONE, "client-2": ("rat-2", "secret-2")}


def one(**facts: Any) -> Known:
    return Known(published="client-1", clients=ONE, **facts)


KNOWN: dict[str, Known] = {
    "attempts-compacted": Known(suspects=(11,), last="11 register ambiguous", next_call=12),
    "calls-compacted": one(
        last="32 update rejected 400 invalid_client_metadata", next_call=33, life={"client-1": {"update 13 unresolved"}}
    ),
    "deregister-ambiguous": one(
        last="2 deregister ambiguous", next_call=3, life={"client-1": {"deletion ambiguous", "deletion opened"}}
    ),
    "deregister-not-sent": one(last="2 deregister not-sent", next_call=3, life={"client-1": {"deletion opened"}}),
    "deregister-open": one(
        open=(2, "deregister", "5a9414b840aa4c7abf1df6871a1ec042", "2026-01-01T00:00:20+00:00"),
        last="1 register committed",
        next_call=3,
        life={"client-1": {"deletion opened"}},
    ),
    "deregister-refused": one(
        last="2 deregister rejected 401 invalid_token",
        next_call=3,
        life={"client-1": {"deletion opened", "deletion refused"}},
    ),
    "deregister-unsupported": one(
        last="2 deregister rejected 405", next_call=3, life={"client-1": {"deletion opened", "deletion unsupported"}}
    ),
    "deregistered": one(last="2 deregister committed", next_call=3, life={"client-1": {"deletion opened", "gone"}}),
    "management-lost": one(
        last="3 update rejected 401 invalid_token",
        next_call=4,
        life={"client-1": {"management lost", "update 2 unresolved"}},
    ),
    "name-lost": Known(clients={"client-1": (None, None)}, released="unconfirmed"),
    "recreated-adopted": one(last="1 register committed"),
    "recreated-left-behind-adopted": one(last="1 register committed", released="unconfirmed"),
    "recreated-left-behind": Known(clients=ONE, last="1 register committed", released="unconfirmed", recreated=True),
    "recreated": Known(clients=ONE, last="1 register committed", recreated=True),
    "register-not-sent": Known(last="1 register not-sent"),
    "register-open-with-initial-access-token": Known(
        open=(1, "register", "272eaa36e642465c9e386aebea96abe6", "2026-01-01T00:00:20+00:00")
    ),
    "register-open-with-proof": Known(
        open=(2, "register", "d1db32f8fda844ea874dd25c6dbf859c", "2026-01-01T00:00:20+00:00"),
        last="1 register rejected 400 use_dpop_nonce",
        next_call=3,
    ),
    "register-open": Known(open=(1, "register", "37ebdcd9e87a4613a443df789558867f", "2026-01-01T00:00:20+00:00")),
    "register-rejected-for-its-nonce": Known(last="1 register rejected 400 use_dpop_nonce"),
    "register-rejected-too-many-requests": Known(last="1 register rejected 429"),
    "register-rejected": Known(last="1 register rejected 400 invalid_redirect_uri"),
    "registered-language-tags-and-extensions": one(last="1 register committed"),
    "registered-public-client": Known(
        published="client-1", clients={"client-1": ("rat-1", None)}, last="1 register committed"
    ),
    "registered-secret-expires": one(last="1 register committed"),
    "registered-unmanageable": Known(
        published="client-1", clients={"client-1": (None, "secret-1")}, last="1 register committed"
    ),
    "registered-with-initial-access-token": one(last="1 register committed"),
    "registered-with-proof": one(last="2 register committed", next_call=3),
    "registered": one(last="1 register committed"),
    "released-confirmed-by-a-refused-repetition": one(
        last="3 deregister rejected 401 invalid_token",
        released="confirmed",
        next_call=4,
        life={"client-1": {"deletion ambiguous", "deletion opened", "gone"}},
    ),
    "released-confirmed": one(
        last="2 deregister committed", released="confirmed", next_call=3, life={"client-1": {"deletion opened", "gone"}}
    ),
    "released-retained": one(last="1 register committed", released="retained", deletion="Retain"),
    "released-then-a-late-answer": Known(clients=ONE, last="1 register committed", released="unconfirmed"),
    "released-unconfirmed-deregister-unsupported": one(
        last="2 deregister rejected 405",
        released="unconfirmed",
        next_call=3,
        life={"client-1": {"deletion opened", "deletion unsupported"}},
    ),
    "released-unconfirmed-suspect": Known(suspects=(1,), last="1 register ambiguous", released="unconfirmed"),
    "released-unconfirmed-then-confirmed": one(
        last="25 deregister committed",
        released="confirmed",
        next_call=26,
        life={"client-1": {"deletion ambiguous", "deletion opened", "gone"}},
    ),
    "released-unconfirmed": one(
        last="24 deregister ambiguous",
        released="unconfirmed",
        next_call=25,
        life={"client-1": {"deletion ambiguous", "deletion opened"}},
    ),
    "secrets-of-two-names": one(last="1 register committed", secrets=("web", "web-oauth")),
    "spare-from-a-refusal": one(
        last="2 update rejected 400 invalid_client_metadata",
        next_call=3,
        spares={"client-1": [(2, "rat-in-an-error", "secret-in-an-error")]},
    ),
    "spare-of-the-same-client-registered-twice": one(
        last="2 register committed", next_call=3, spares={"client-1": [(1, "rat-1", "secret-1")]}
    ),
    "surplus-deregister-open": Known(
        published="client-2",
        clients=TWO,
        open=(3, "deregister", "34ab18fd0a68488e8ad4041504c14982", "2026-01-01T00:00:47.775911+00:00"),
        last="2 register committed",
        next_call=4,
        life={"client-1": {"deletion opened"}},
    ),
    "surplus-deregistered-compact": Known(
        published="client-2",
        clients={"client-1": (None, None), "client-2": ("rat-3", "secret-2")},
        last="4 update committed",
        next_call=5,
        life={"client-1": {"deletion opened", "gone"}},
    ),
    "surplus-deregistered": Known(
        published="client-2",
        clients=TWO,
        last="3 deregister committed",
        next_call=4,
        life={"client-1": {"deletion opened", "gone"}},
    ),
    "surplus-salvaged": Known(clients={"client-cut": ("rat-cut", None)}, last="1 register ambiguous"),
    "surplus": Known(published="client-2", clients=TWO, last="2 register committed", next_call=3),
    "suspect-abandoned": Known(suspects=(1,), last="1 register ambiguous"),
    "suspect-asked-to-wait": Known(suspects=(1,), last="1 register ambiguous"),
    "suspect-beside-published": Known(
        published="client-2",
        clients={"client-2": ("rat-2", "secret-2")},
        suspects=(1,),
        last="2 register committed",
        next_call=3,
    ),
    "suspect": Known(suspects=(1,), last="1 register ambiguous"),
    "suspects-one-settled": Known(suspects=(2, 3, 4), last="4 register ambiguous", next_call=5),
    "update-due-after-a-late-answer": Known(
        published="client-1",
        clients={"client-1": ("rat-2", "secret-1")},
        last="3 update rejected 401 invalid_token",
        next_call=4,
        life={"client-1": {"update due"}},
    ),
    "update-due-with-a-spare": Known(
        published="client-1",
        clients={"client-1": ("rat-3", "secret-1")},
        last="3 update committed",
        next_call=4,
        life={"client-1": {"update due"}},
        spares={"client-1": [(2, "rat-2", "secret-1")]},
    ),
    "update-not-sent": one(last="2 update not-sent", next_call=3),
    "update-open": one(
        open=(2, "update", "b6e355f695bb440d89cd4af97d161f29", "2026-01-01T00:00:20+00:00"),
        last="1 register committed",
        next_call=3,
    ),
    "update-rejected": one(last="2 update rejected 400 invalid_client_metadata", next_call=3),
    "update-unresolved-open": one(
        open=(3, "update", "29ee7f3d0ff040b8a238d0a0cf5e9ea3", "2026-01-01T00:00:20+00:00"),
        last="2 update ambiguous",
        next_call=4,
        life={"client-1": {"update 2 unresolved"}},
    ),
    "update-unresolved": one(last="2 update ambiguous", next_call=3, life={"client-1": {"update 2 unresolved"}}),
    "update-unsupported": one(last="2 update rejected 405", next_call=3, life={"client-1": {"update unsupported"}}),
    "updated-members-kept": Known(
        published="client-1", clients={"client-1": ("rat-2", "secret-1")}, last="2 update committed", next_call=3
    ),
    "updated": Known(
        published="client-1", clients={"client-1": ("rat-2", "secret-1")}, last="2 update committed", next_call=3
    ),
    "updates-unresolved": one(
        last="3 update ambiguous", next_call=4, life={"client-1": {"update 2 unresolved", "update 3 unresolved"}}
    ),
}


def test_every_record_has_a_row() -> None:
    assert sorted(KNOWN) == stored_secrets.READABLE


@pytest.mark.parametrize("name", KNOWN)
def test_what_is_known_from_a_record(name: str) -> None:
    assert known(stored_secrets.stored(name).record) == KNOWN[name]


@pytest.mark.parametrize("name", KNOWN)
def test_its_labels_and_annotations_are_those_that_are_written_today(name: str) -> None:
    record, metadata = stored_secrets.stored(name).record, stored_secrets.shown(name)["metadata"]
    # Version 0.1.0 did not tell issuers apart in a client's label, had none of a client's identifier, and named neither
    # the suspects nor since when there is a secret, nor what there is to tell.
    by_address = [
        (client.issuer, uri) for client in record.clients if (uri := client.information.registration_client_uri)
    ]
    renamed = {older_client_label(uri): client_label(issuer, uri) for issuer, uri in by_address}
    written = {key: value for key, value in labels(record).items() if not key.startswith(names.IDENTIFIER_LABEL_PREFIX)}
    assert written == {renamed.get(key, key): value for key, value in metadata["labels"].items()}
    later = {
        names.SUSPECTS_ANNOTATION,
        names.SECRET_SINCE_ANNOTATION,
        names.EXPIRES_ANNOTATION,
        names.TOLD_ANNOTATION,
    }
    said = {key: value for key, value in annotations(record).items() if key not in later}
    expected = dict(metadata["annotations"])
    if name == "secrets-of-two-names":
        # Version 0.1.0 took such a record for one at rest: the Secret of the former name would not have been cleared.
        assert expected.pop(names.CONFIRMED_ANNOTATION)
    assert said == expected


@pytest.mark.parametrize("name", KNOWN)
def test_a_record_says_for_whom_and_with_whom_it_is(name: str) -> None:
    metadata, stored = stored_secrets.shown(name)["metadata"], stored_secrets.stored(name)
    assert (stored.uid, stored.resource_version) == (metadata["uid"], metadata["resourceVersion"])
    assert whose(stored.record) == ("e3e70682-c209-4cac-a29f-6fbed82c07cd", "shop", "web", metadata["name"])
    assert servers_of(stored.record) == {("https://issuer.example", "system")}
