"""The first look in a pass: what the watches know, without a request."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from ..names import RecordState
from ..oauth.client_information import ClientInformation
from ..plan import pauses
from ..plan.observed import Limits, Observed, Unread
from ..record.adoptions import Offered
from ..record.clients import Client
from ..record.envelope import Stored
from ..record.holds import Hold, Sharing, Word, ends_elsewhere, keeps_from_adoption, may_rely_on_claim, sharing
from ..record.record import Record
from ..record.summary import Summary, client_label, identifier_label, older_client_label
from ..resource.access import ClientCredentials
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient
from ..resource.secret import SecretMetadata
from ..resource.terms import ByInitialAccessToken, IssuerTerms
from .authorization_server_ports import Issuers
from .memory import Memory
from .ports import Watched
from .presented import Presented


def observe(
    watched: Watched,
    resource: OAuthClient,
    memory: Memory,
    limits: Limits,
    *,
    terms: IssuerTerms | None,
    awaited: str | None,
    others: Mapping[str, IssuerTerms],
    published: Mapping[str, SecretMetadata],
    fleet_not_before: datetime | None,
    waits_for_another: bool,
    began_at: datetime,
    chance: float,
) -> Observed:
    """Return what is known of a resource before anything was read.

    `terms` are those of its issuer, if honoured, `awaited` is its UID where they are not yet; `others` are those of
    other issuers, by their UIDs.
    """
    summary = watched.record(resource.uid)
    return Observed(
        resource=resource,
        address=None if terms is None else terms.address,
        terms=terms,
        awaited=awaited,
        others=others,
        summary=summary,
        crowded=summary is None and watched.records_of(resource.namespace) >= limits.records_per_namespace,
        secret_metadata=published,
        initial_access_token_version=memory.presented.at_first.token,
        software_statement_version=memory.presented.at_first.statement,
        fleet_not_before=fleet_not_before,
        waits_for_another=waits_for_another,
        began_at=began_at,
        chance=chance,
        proven_at=memory.proven_at,
        unanswered=memory.unanswered,
        left=memory.left,
        failures=memory.failures,
        unread=memory.unread,
        held=memory.held,
        held_back=memory.held_at,
        unkept=memory.unkept,
        rehearsal=memory.rehearsal,
        unwritten=memory.unwritten,
        heal_not_before=pauses.heal_not_before(memory.heals, memory.healed_at),
        limits=limits,
    )


def observe_record(
    summary: Summary,
    memory: Memory,
    limits: Limits,
    admitting: Mapping[str, IssuerTerms] | None = None,
    unseen: frozenset[str] = frozenset(),
) -> Observed:
    """Return what is known of a record whose resource is not, before anything was read.

    `admitting` is what is known of issuer resources, by their UIDs, and of those that are `unseen` nothing is yet.
    """
    return Observed(
        resource=Unread(),
        admitting=admitting or {},
        unseen=unseen,
        summary=summary,
        failures=memory.failures,
        held=memory.held,
        held_back=memory.held_at,
        rests_until=memory.rests_until,
        limits=limits,
    )


def published_secrets(watched: Watched, resource: OAuthClient, desired: Desired) -> dict[str, SecretMetadata]:
    """Return what the watches know of the Secrets that a resource publishes, or published, by their names."""
    before = resource.status.secret.name if resource.status.secret is not None else None
    names = {n for n in (desired.publication and desired.publication.secret_name, before) if n}
    found = (watched.secret(resource.namespace, name) for name in names)
    return {secret.name: secret for secret in found if secret is not None}


def presented_versions(watched: Watched, resource: OAuthClient, desired: Desired) -> Presented:
    """Return which versions the watches know."""
    access, statement = desired.terms.access, desired.terms.software_statement
    token = access.secret if isinstance(access, ByInitialAccessToken | ClientCredentials) else None
    return Presented(
        token=None if token is None else _token_version(watched, resource, desired, token),
        statement=None if statement is None else watched.presented_version(resource.namespace, statement.secret),
    )


def presented_secrets(desired: Desired) -> object:
    """Return which Secrets these are, as something that is equal where they are the same."""
    terms = desired.terms
    return terms.resource is None, terms.issuer, terms.access, terms.software_statement


def _token_version(watched: Watched, resource: OAuthClient, desired: Desired, name: str) -> str | Unread | None:
    if desired.terms.resource is not None:
        return watched.access_version(name)
    return watched.presented_version(resource.namespace, name)


def with_record(observed: Observed, stored: Stored, watched: Watched, issuers: Issuers) -> Observed:
    """Add a record that was read or written, and what other records say of its clients."""
    seen, record, ended_elsewhere = replace(observed, record=stored), stored.record, dict[int, datetime]()
    held, deleting, newer, unmanageable = set(), set(), set(), set()
    for client in record.clients:
        shared = sharing_of(watched, record, client, observed.limits.margin)
        if shared.held:
            held.add(client.key)
        if shared.deleting:
            deleting.add(client.key)
        if shared.newer:
            newer.add(client.key)
        if shared.until is not None:
            ended_elsewhere[client.key] = shared.until
    offered = (record.adoption.client,) if isinstance(record.adoption, Offered) else ()
    for client in (*record.clients, *offered):
        uri = client.information.registration_client_uri
        if uri is not None and not issuers.admits_endpoint(seen.address_of(client.issuer), uri):
            unmanageable.add(client.key)
    return replace(
        seen,
        sharing=frozenset(held),
        sharing_deletion=frozenset(deleting),
        ended_elsewhere=ended_elsewhere,
        newer_elsewhere=frozenset(newer),
        unmanageable=frozenset(unmanageable),
    )


def sharing_of(watched: Watched, record: Record, client: Client, margin: timedelta) -> Sharing:
    """Return what other records say of a client, which a server may have given to more than one."""
    return sharing(record, client, [*sharers(watched, record, client).values()], margin)


def sharers(watched: Watched, record: Record, client: Client) -> dict[str, Hold]:
    """Return how other records hold a client of this one, by the UIDs of their resources, without strangers' claims."""
    subject, client_id = record.subject, client.information.client_id
    others = holders(watched, subject.uid, client.issuer, client_id, client.addresses)
    claims = {uid for uid, hold in others.items() if hold.word is Word.CLAIMED}
    strangers = {
        uid
        for uid in claims
        if _is_stranger(watched, uid, subject.namespace) and not may_rely_on_claim(record, client, others[uid])
    }
    return {uid: hold for uid, hold in others.items() if uid not in strangers}


def kept_from_adoption_by(
    watched: Watched, resource: OAuthClient, issuer: str, information: ClientInformation, now: datetime, limits: Limits
) -> str | None:
    """Return the UID whose record has to change before a resource may take a client over; None, and it may.

    That one holds the client that is handed over, or is about to end it. It is one of however many, for tenants choose
    how many records have to do with a client; when it has let go, the next one is returned.
    What another namespace left behind is ended under a claim: it takes a token to adopt that.
    """
    uri, token = information.registration_client_uri, information.registration_access_token
    others = holders(watched, resource.uid, issuer, information.client_id, (uri,) if uri is not None else ())
    strangers = {uid: hold for uid, hold in others.items() if _is_stranger(watched, uid, resource.namespace)}
    ends = ends_elsewhere(strangers) if uri is None or token is None else None
    return ends or keeps_from_adoption(resource.uid, others, now, limits.margin)


def holds_of_others(
    watched: Watched, uid: str, issuer: str, client_id: str, addresses: Collection[str]
) -> tuple[Hold, ...]:
    """Return how other records than that of a UID hold an issuer's client of that identifier, or at those addresses."""
    return tuple(hold for _, hold in sorted(holders(watched, uid, issuer, client_id, addresses).items()))


def holders(watched: Watched, uid: str, issuer: str, client_id: str, addresses: Collection[str]) -> dict[str, Hold]:
    """Return the same by the UIDs of those records' resources.

    By addresses only those that an older operator wrote last: they have no labels of identifiers, and may not say of
    which issuer an address is, so that it may be this one. At a server that has one address for all its clients the
    others that share it are no concern of this one.
    """
    found: dict[str, str] = {}
    for label in address_labels(issuer, addresses):
        older = ((other, text) for other, text in watched.records_with(label).items() if other != uid)
        found |= {other: text for other, text in older if not _identifies(watched, other)}
    found |= watched.records_with(identifier_label(issuer, client_id))
    return {other: _hold(text, watched.record(other)) for other, text in sorted(found.items()) if other != uid}


def client_labels(issuer: str, client_id: str, addresses: Collection[str]) -> tuple[str, ...]:
    """Return the labels that a record may have that holds a client."""
    return *address_labels(issuer, addresses), identifier_label(issuer, client_id)


def address_labels(issuer: str, addresses: Collection[str]) -> tuple[str, ...]:
    """Return the labels of a client's addresses."""
    return tuple(label for uri in addresses for label in (older_client_label(uri), client_label(issuer, uri)))


def _is_stranger(watched: Watched, uid: str, namespace: str) -> bool:
    found = watched.record(uid)
    return found is not None and found.namespace != namespace


def _identifies(watched: Watched, uid: str) -> bool:
    known = watched.record(uid)
    return known is not None and known.identified


def _hold(text: str, summary: Summary | None) -> Hold:
    hold = Hold.parse(text)
    let_go = summary is not None and summary.state in (RecordState.RELEASED, RecordState.LEFT_BEHIND)
    return replace(hold, word=Word.RETAINED) if hold.word is Word.HELD and let_go else hold
