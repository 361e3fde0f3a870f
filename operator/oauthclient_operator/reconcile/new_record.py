"""A record before anything happened, and one of a client whose record was lost."""

from dataclasses import replace
from datetime import datetime

from ..oauth.rfc7591 import ClientInformation
from ..record.model import Client, Record, Release, ReleaseOutcome, Subject
from ..resource.desired import Desired
from ..resource.oauth_client import OAuthClient


def new_record(resource: OAuthClient, desired: Desired, *, cluster_uid: str, trust: str) -> Record:
    """Return an empty record; the Secret that is going to be made is named in it from the beginning."""
    publication = desired.publication
    return Record(
        subject=Subject(cluster_uid=cluster_uid, namespace=resource.namespace, name=resource.name, uid=resource.uid),
        issuer=desired.issuer,
        deletion=desired.deletion.value,
        trust=trust,
        secrets=(publication.secret_name,) if publication is not None else (),
    )


def lost_record(resource: OAuthClient, desired: Desired, now: datetime, *, cluster_uid: str, trust: str) -> Record:
    """Return what can be said of a client whose record is missing: its identifier, from the status."""
    information = ClientInformation.parse({"client_id": resource.status.client_id or ""})
    client = Client(key=1, attempt=1, information=information, answered_by=1, registered_at=now)
    empty = new_record(resource, desired, cluster_uid=cluster_uid, trust=trust)
    released = Release(outcome=ReleaseOutcome.UNCONFIRMED, at=now)
    return replace(empty, secrets=(), next_call=2, clients=(client,), released=released)
