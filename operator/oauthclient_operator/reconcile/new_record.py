"""A record before anything happened."""

from ..record.model import Record, Subject
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
