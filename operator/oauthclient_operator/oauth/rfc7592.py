"""OAuth 2.0 Dynamic Client Registration Management (RFC 7592): update and deletion of a registered client."""

import json
from collections.abc import Collection, Mapping
from typing import Final

from .client_metadata import ClientMetadata
from .confidential import Confidential
from .exchange import Answer, Request, Response
from .json_object import JSON
from .judgement import client_information, judged
from .outcome import Ambiguous, Committed, Outcome, Rejected
from .rfc7591 import ClientInformation

NOT_IN_UPDATES: Final = frozenset(
    {
        "registration_access_token",
        "registration_client_uri",
        "client_secret_expires_at",
        "client_id_issued_at",
        # Section 2.2 allows the current one; some servers refuse any (Hydra answers 403), none needs it but one.
        "client_secret",
    }
)
_KEPT_IF_ABSENT: Final = (
    "client_secret",
    "client_secret_expires_at",
    "registration_access_token",
    "registration_client_uri",
)


def update_request(
    information: ClientInformation, desired: ClientMetadata, previously_desired: Collection[str]
) -> Request:
    """Build a client update request: what is desired now, over what the server answered last.

    RFC 7592 section 2.2: "This request MUST include all client metadata fields as returned to the client from a
    previous registration, read, or update operation." A member that the spec no longer names is left out: "Omitted
    fields MUST be treated as null or empty values by the server".
    """
    returned = {k: v for k, v in information.metadata.items() if k not in previously_desired}
    members = {**returned, **desired.members}
    # RFC 7592 section 2.2: "The updated client metadata fields request MUST NOT include the
    # "registration_access_token", "registration_client_uri", "client_secret_expires_at", or "client_id_issued_at"
    # fields".
    sent: dict[str, JSON] = {k: v for k, v in members.items() if k not in NOT_IN_UPDATES}
    # RFC 7592 section 2.2: "The client MUST include its "client_id" field in the request".
    sent["client_id"] = information.client_id
    return _request("PUT", information, json.dumps(sent, ensure_ascii=False).encode())


def deletion_request(information: ClientInformation) -> Request:
    """Build a client delete request (section 2.3)."""
    return _request("DELETE", information, None)


def judge_update(answer: Answer, client_id: str, *, presented: Confidential | None = None) -> Outcome:
    """Judge the answer to an update of a client.

    RFC 7592 section 2.2: "The value of the "client_id" MUST NOT change from the initial registration response."
    """

    def success(response: Response) -> Committed | Ambiguous:
        found = client_information(response)
        if isinstance(found, Committed) and found.members.get("client_id") != client_id:
            return Ambiguous(cause=f"the answer was HTTP {response.status} about another client")
        return found

    return judged(answer, success, may_be_unsupported=True, hide=presented)


def judge_deletion(answer: Answer, *, presented: Confidential | None = None) -> Outcome:
    """Judge the answer to a deletion.

    RFC 7592 section 2.3: "the authorization server MUST respond with an HTTP 204 No Content message"; some send 200.
    """

    def success(response: Response) -> Committed | Ambiguous:
        if response.status in (200, 204):
            return Committed(members={})
        return Ambiguous(cause=f"the answer was HTTP {response.status}, which does not say that the client is gone")

    return judged(answer, success, may_be_unsupported=True, hide=presented)


def merged(previous: ClientInformation, answer: ClientInformation) -> ClientInformation:
    """Return what holds after an update: the answer, and of what the server issues whatever it did not repeat.

    RFC 7592 section 2.2: "If the authorization server includes a new client secret and/or registration access token
    in its response, the client MUST immediately discard its previous client secret and/or registration access token."
    """
    kept: dict[str, JSON] = {n: previous.members[n] for n in _KEPT_IF_ABSENT if n in previous.members}
    if answer.members.get("client_secret"):
        # The expiry belongs to the secret: that of the old one says nothing about the new one.
        kept.pop("client_secret_expires_at", None)
    given: Mapping[str, JSON] = {n: v for n, v in answer.members.items() if v is not None}
    return ClientInformation.parse({**kept, **given})


def says_gone(rejected: Rejected) -> bool:
    """Whether a refusal is what servers say of a client that is gone, and also of a token that they do not accept.

    RFC 7592 section 2.3: "If the client does not exist on this server, the server MUST respond with HTTP 401"; some
    answer 404, and Authlib's kin 400 with `access_denied`.
    """
    return rejected.status in (401, 404) or (rejected.status == 400 and rejected.error == "access_denied")


def is_unsupported(rejected: Rejected) -> bool:
    """Whether the server does not manage registrations in this way, and will not tomorrow.

    RFC 7592 section 2.3: "If the server does not support the delete method, the server MUST respond with HTTP 405".
    A 501 says so too, and a 404 that is no JSON: nothing that knows the protocol is there.
    """
    return rejected.status in (405, 501) or (rejected.status == 404 and not rejected.json)


def _request(method: str, information: ClientInformation, body: bytes | None) -> Request:
    uri, token = information.registration_client_uri, information.registration_access_token
    if uri is None or token is None:
        raise ValueError("a client without registration_client_uri and registration_access_token is not managed")
    # Section 3: the "fully qualified URL" as it was given, its query included; nothing is built from the client_id.
    return Request(method=method, url=uri, bearer=token, body=body)
