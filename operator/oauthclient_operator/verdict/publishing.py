"""The words for the published Secret."""

from collections.abc import Collection, Mapping
from typing import Final

from ..names import FINALIZER, KIND, MANAGED_BY_LABEL, OPERATOR, PAUSED_ANNOTATION, ROTATE_ANNOTATION, Reason
from ..oauth.numeric_date import Form
from ..oauth.words import quoted
from ..record.clients import Client
from ..resource.secret import Secret
from .verdict import Verdict
from .words import listed

_TEMPLATES_SHOWN: Final = 3


def not_owned(secret_name: str, secret: Secret | None = None, *, resource_name: str | None = None) -> Verdict:
    """The Secret to publish exists and is not this resource's; `secret` is what was read of it."""
    whose = _whose(secret, resource_name)
    others = [] if secret is None else [name for name in secret.owner_names if name.startswith(f"{KIND} ")]
    if others and f"{KIND} {resource_name}" not in others:
        # Without the Secret either takes the name: apps of the other one could get the credentials of this one.
        cure = (
            "choose another spec.secret.name for one of the two, or delete the one that is not needed, which is "
            "noticed within seconds; do not remove the Secret while both name it, for either may then publish its "
            "credentials there"
        )
    else:
        cure = "remove it, which is noticed within seconds, or choose another spec.secret.name"
    message = (
        f"Secret {secret_name} exists and is not owned by this OAuthClient{whose}; it is neither overwritten "
        f"nor deleted: {cure}"
    )
    return Verdict(reason=Reason.SECRET_NOT_OWNED, message=message, stalled=True)


def _whose(secret: Secret | None, resource_name: str | None) -> str:
    if secret is None:
        return ""
    if secret.owner_names:
        of_before = f"{KIND} {resource_name}" in secret.owner_names
        gone = ", one with another UID, which is gone: deleted and made anew, or from a backup" if of_before else ""
        return f": it belongs to {listed(secret.owner_names)}{gone}"
    manager = secret.labels.get(MANAGED_BY_LABEL)
    if manager is not None and manager != OPERATOR:
        return f": it has no owner reference, and by its label {MANAGED_BY_LABEL} it is managed by {quoted(manager)}"
    return ": it has no owner reference at all"


def contended(secret_name: str) -> Verdict:
    """Somebody else keeps changing the credentials in the published Secret."""
    message = (
        f"the credentials in Secret {secret_name} keep being changed by someone else; they are restored from time to "
        "time: find out who writes it (kubectl get secret --show-managed-fields), or choose another spec.secret.name"
    )
    return Verdict(reason=Reason.PENDING, message=message)


def rewritten(secret_name: str, keys: Collection[str]) -> Verdict:
    """The published Secret was written, and something in the API server put other data in."""
    message = (
        f"the API server takes Secret {secret_name} and stores other values than it was given under "
        f"{', '.join(sorted(keys))}: a mutating admission policy or webhook changes them; have the cluster's "
        "administrator exempt Secrets of this operator from it; the Secret is written again from time to time"
    )
    return Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)


def owner_rewritten(secret_name: str) -> Verdict:
    """The Secret to publish would not be this resource's."""
    message = (
        f"the API server would take Secret {secret_name} and change its type or owner reference, so that it would not "
        "be this OAuthClient's: have the cluster's administrator exempt Secrets of this operator from the mutating "
        "admission policy or webhook that does so; it is tried again from time to time"
    )
    return Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)


def finalizer_not_kept(*, there: bool) -> Verdict:
    """Our finalizer was put on the resource, or taken off, and that did not stay."""
    what = "put on this resource, and is taken off again" if there else "taken off this resource, and is put on again"
    why = "without it nothing is registered, and a deletion would pass unseen" if there else "so it cannot go"
    message = (
        f"the finalizer {FINALIZER} was {what} by an admission policy, a webhook or another controller; {why}: have "
        "the cluster's administrator find who does so; it is tried again from time to time"
    )
    return Verdict(reason=Reason.CLUSTER_UNAVAILABLE, message=message, stalled=True)


def keys_taken(secret_name: str, keys: Collection[str]) -> Verdict:
    """Somebody else wrote into the published Secret where credentials are to be."""
    message = (
        f"Secret {secret_name} holds {', '.join(sorted(keys))}, which the operator did not write and does not write "
        "over: take it out of the Secret, or have the operator's keys written to other names by spec.secret.keys"
    )
    return Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)


def keys_unwritten(secret_name: str, why: Mapping[str, str]) -> Verdict:
    """Some keys of the published Secret cannot be written, those of `spec.secret.template` or ours; the others are."""
    shown = [f"{key:.80}: {reason}" for key, reason in sorted(why.items())[:_TEMPLATES_SHOWN]]
    more = f"; and {len(why) - len(shown)} more keys" if len(why) > len(shown) else ""
    message = (
        f"Secret {secret_name} is published, but not what is to be in {'; '.join(shown)}{more}; what "
        "the operator wrote there before stays, even of credentials that are not published any more, until it is put "
        "right"
    )
    return Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)


def key_taken() -> str:
    """Why a key is not written over."""
    return (
        "the Secret holds such a key that the operator did not write and does not write over; take it out of the "
        "Secret, or choose another name (spec.secret.keys, spec.secret.template)"
    )


def immutable(secret_name: str) -> Verdict:
    """The published Secret was made immutable."""
    message = (
        f"Secret {secret_name} is immutable, so that it cannot be brought up to date: delete it, and it is made again, "
        "or choose another spec.secret.name"
    )
    return Verdict(reason=Reason.SECRET_NOT_PUBLISHABLE, message=message, stalled=True)


def odd_expiry(client: Client) -> str | None:
    """Say how a server writes when a client secret ends, where that is otherwise than the RFC has it."""
    form = client.information.expiry.form
    if form is None:
        return None
    what = f"its client_secret_expires_at {form}, and not in seconds since 1970 as RFC 7591 has it"
    never = ": it is taken for one that does not end; have the server's administrator say whether it does"
    return what + (never if form is Form.UNREADABLE else "")


def secret_expired(client: Client, *, renewed: bool, short: bool = False, paused: bool = False) -> Verdict:
    """The client secret's time is over (RFC 7591 section 3.2.1); `short` where it lives too short to be renewed."""
    odd = odd_expiry(client)
    form = f" ({odd})" if odd is not None else ""
    if paused:
        cure = f"nothing is renewed while the annotation {PAUSED_ANNOTATION} is true: remove it, and it goes on"
    elif renewed:
        cure = "another client takes its place as soon as that can be: see Renewing"
    elif short:
        cure = (
            "secrets that live for less than ten minutes are not renewed, for no app could keep up: have the server's "
            f"administrator let them live longer, then change the annotation {ROTATE_ANNOTATION} of this resource"
        )
    else:
        cure = (
            "spec.policy.expiry is Report: set it to Renew, or change the annotation "
            f"{ROTATE_ANNOTATION} of this resource, and another client takes its place"
        )
    what = f"client {quoted(client.information.client_id)}"
    over = f"{what} has ended" if client.ends_at_expiry else f"the client secret of {what} has expired"
    message = f"{over} by the server's word{form}, and apps that use it are refused; {cure}"
    return Verdict(reason=Reason.SECRET_EXPIRED, message=message, stalled=not renewed)
