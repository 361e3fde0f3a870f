"""The words for a client that a Secret hands over, and that is not taken up, or not yet."""

from ..names import RETRY_ANNOTATION, Reason
from ..oauth.rfc7591 import token_endpoint_auth_method
from ..oauth.words import quoted
from ..record.adoptions import Refused
from ..record.calls import ClosedCall
from ..record.clients import Client
from ..resource.private_key import METHOD
from .verdict import Verdict
from .words import cause, server_words


def adoption_failed(why: str) -> Verdict:
    """No client is taken up."""
    return Verdict(reason=Reason.ADOPTION_FAILED, message=why, stalled=True)


def nothing_else(why: str) -> str:
    """Return why no client is taken up where there is none yet: none is registered in its place."""
    return f"{why}; no other client is registered while spec.adopt is there"


def refused(name: str, refusal: Refused, *, by_key: bool = False) -> str:
    """Return why what a Secret says is not taken up; it is known by its fingerprint, and has a key with `by_key`."""
    if refusal.unproven:
        return not_taken(name, by_key=by_key)
    if refusal.by_key is not None:
        return key_not_there(name, refusal.by_key)
    if refusal.answer is None:
        return held_by_other(name)
    said = server_words(refusal.answer)
    return (
        f"the client that Secret {name} hands over is not taken up, for the authorization server did not answer its "
        f"registration access token with it ({said}); put a token that is valid now, with its registration_client_uri, "
        f"into the Secret: {_AGAIN}"
    )


def key_not_there(name: str, client: Client) -> str:
    """Return that a client was read, and its server does not have the key that was handed over with it."""
    method = token_endpoint_auth_method(client.accepted, client.information)
    if method != METHOD:
        return (
            f"the client that Secret {name} hands over authenticates by {quoted(method)} at its authorization server, "
            "not by the private_key in the Secret, and pods may use that: take private_key and key_id out of the "
            "Secret, and another client with a key takes its place with an overlap, or have the server's "
            f"administrator change the method first: {_AGAIN}"
        )
    kids = ", ".join(key.kid for key in client.keys)
    return (
        f"the authorization server names other keys of the client that Secret {name} hands over, and not its "
        f"private_key ({kids}), which was replaced or never registered: put the private_key that is registered now "
        f"into the Secret, with its key_id (`oauthclient-operator export` prints both): {_AGAIN}"
    )


def other_method(name: str) -> str:
    """Return that a key is handed over for a client that authenticates otherwise, as far as is known."""
    return (
        f"Secret {name} hands over a private_key, and the client is known here to authenticate otherwise: put its "
        "registration access token with its registration_client_uri into the Secret, so that the authorization server "
        f"can be asked, or take private_key and key_id out of it: {_AGAIN}"
    )


def another_key(name: str, shown: str) -> str:
    """Return that a private key is published that may be nowhere else, and another one or none is handed over."""
    return (
        f"Secret {name} does not hand over the private key that is published here ({quoted(shown)}), which may be "
        "nowhere else: put private_key and key_id of the published Secret into it"
    )


def not_taken(name: str, *, by_key: bool) -> str:
    """Return that other credentials than the recorded ones are handed over, and nobody says that they hold."""
    what = "private key" if by_key else "client secret"
    return (
        f"the {what} that Secret {name} hands over is another one than the one that is known here, which stays: "
        "the authorization server does not accept it, or does not tell, and it may be out of date; put the one that is "
        "valid now, or a registration access token with its registration_client_uri, into the Secret: "
        f"{_AGAIN}"
    )


def taken_before(name: str) -> str:
    """Return that these very values were taken up once, and are not looked at again."""
    return (
        f"what Secret {name} hands over was taken up before, and its token may be out of date by now: put one that is "
        "valid now into the Secret"
    )


def held_by_other(name: str) -> str:
    """Return that another record has the client."""
    return (
        f"the client that Secret {name} hands over belongs to another OAuthClient, or is just being deregistered or "
        "adopted for one: delete that one with spec.policy.deletion: Retain first, or where it is gone already "
        "(`orphans` names it as WithoutResource), have an administrator delete its record; where one of another "
        "namespace left it behind, and its deregistration is tried once a day, put its registration access token with "
        "its registration_client_uri into the Secret; it is looked at again when "
        f"the other one lets it go, when the annotation {RETRY_ANNOTATION} changes, and from time to time"
    )


def lost(name: str, call: ClosedCall | None) -> str:
    """Return that the read that is to prove the client had no complete answer."""
    return (
        f"the read that is to prove the client that Secret {name} hands over had no answer{cause(call)}: it is read "
        "again from time to time; where the server renews tokens when it is read, the Secret needs a new one"
    )


def another_client(name: str, client_id: str, said: str | None) -> str:
    """Return that what is published is another client, and may be the last copy of its credentials."""
    shown = f"client {quoted(said)}" if said else "another client"
    return (
        f"Secret {name} hands over client {quoted(client_id)}, and {shown} is published here, whose credentials may be "
        "nowhere else: only that one can be adopted"
    )


def unproven(name: str) -> str:
    """Return that what cannot be proven takes the place of nothing that may be newer."""
    return (
        f"Secret {name} has no registration access token with a registration_client_uri, so nobody can tell whether "
        "its credentials are newer than those that are published here: put them there"
    )


def out_of_reach(name: str) -> str:
    """Return that the address in the Secret may not be called for the issuer."""
    return (
        f"the registration_client_uri in Secret {name} is at another origin than the issuer's, so no token is sent "
        "there: if that is as it should be, the operator's administrator can set --allow-endpoint-origin"
    )


_AGAIN = f"it is tried again when the Secret or the annotation {RETRY_ANNOTATION} changes, and slowly by itself"
