"""OAuth 2.0 Dynamic Client Registration Management (RFC 7592): update and deletion of a registered client."""

import json
from collections.abc import Collection, Mapping
from typing import Final

from ..confidential import Confidential
from ..exchange import Answer, Purpose, Request, Response, bearer
from .client_information import ClientInformation
from .client_metadata import ClientMetadata
from .comparison import folded, is_empty
from .json_object import JSON
from .judgement import client_information, judged
from .outcome import Ambiguous, Committed, Outcome, Rejected
from .salvage import ISSUED, issued, salvage

UNSUPPORTED: Final = (405, 501)
"""Status codes of servers that do not support a method.

Section 2.3: "If the server does not support the delete method, the server MUST respond with HTTP 405 Not Supported." A
501 says so too.
"""
_KEYS: Final = frozenset({"jwks", "jwks_uri"})


def update_request(
    information: ClientInformation, desired: ClientMetadata, previously_desired: Collection[str]
) -> Request:
    """Build a client update request (section 2.2): what is desired now, over what the server answered last.

    Raises:
        ValueError: the client cannot be managed.
    """
    wanted = desired.members
    # "Omitted fields MUST be treated as null or empty values by the server, indicating the client's request to delete
    # them": a member that was desired before and is no longer is left out.
    replaced = {folded(name) for name in (*wanted, *previously_desired)}
    # "This request MUST include all client metadata fields as returned to the client from a previous registration,
    # read, or update operation."
    returned = {
        n: v for n, v in information.metadata.items() if folded(n) not in replaced and _may_return(n, v, wanted)
    }
    # "The client MUST include its "client_id" field in the request, and it MUST be the same as its currently issued
    # client identifier."
    members: dict[str, JSON] = {"client_id": information.client_id, **returned, **wanted}
    return _request(
        "PUT", Purpose.UPDATE, information, json.dumps(members, ensure_ascii=False, separators=(",", ":")).encode()
    )


def deletion_request(information: ClientInformation) -> Request:
    """Build a client delete request (section 2.3).

    Raises:
        ValueError: the client cannot be managed.
    """
    return _request("DELETE", Purpose.DEREGISTER, information, None)


def judge_update(answer: Answer, client_id: str, *, presented: Confidential | None = None) -> Outcome:
    """Judge the answer to an update of a client; `presented` is the token, so that no echo of it is shown."""

    def success(response: Response) -> Committed | Ambiguous:
        found = client_information(response)
        if isinstance(found, Committed) and found.members["client_id"] != client_id:
            # "The value of the "client_id" MUST NOT change from the initial registration response."
            cause = f"the answer was HTTP {response.status} about another client"
            return Ambiguous(cause=cause, salvage=issued(found.members))
        return found

    return judged(answer, success, may_be_unsupported=True, hide=presented)


def judge_deletion(answer: Answer, *, presented: Confidential | None = None) -> Outcome:
    """Judge the answer to a deletion; `presented` as in `judge_update`."""

    def success(response: Response) -> Committed | Ambiguous:
        # Section 2.3: "the authorization server MUST respond with an HTTP 204 No Content message"; some send 200.
        if response.status in (200, 204):
            return Committed(members={})
        cause = f"the answer was HTTP {response.status}, which does not say that the client is gone"
        return Ambiguous(cause=cause, salvage=salvage(response.body))

    return judged(answer, success, may_be_unsupported=True, hide=presented)


def merged(previous: ClientInformation, answer: ClientInformation) -> ClientInformation:
    """Return what holds after an update: the answer, and of what the server issues whatever it did not repeat.

    Section 2.2: "If the authorization server includes a new client secret and/or registration access token in its
    response, the client MUST immediately discard its previous client secret and/or registration access token."
    """
    renewed = issued(answer.members)
    kept = issued(previous.members)
    if "client_secret" in renewed:
        # The expiry belongs to the secret: that of the old one says nothing about the new one.
        kept.pop("client_secret_expires_at", None)
    return ClientInformation.parse({**answer.members, **kept, **renewed})


def says_gone(rejected: Rejected) -> bool:
    """Whether a refusal is what servers say of a client that is gone, and also of a token that they do not accept.

    Section 2.3: "If the client does not exist on this server, the server MUST respond with HTTP 401 Unauthorized"; some
    answer 404, and Authlib's kin 400 with `access_denied`.
    """
    return rejected.status in (401, 404) or (rejected.status == 400 and rejected.error == "access_denied")


def says_nothing_there(status: int | None, *, json: bool) -> bool:
    """Whether a refusal is a page that is not there: nothing that knows the protocol answered."""
    return status == 404 and not json


def _may_return(name: str, value: JSON, wanted: Mapping[str, JSON]) -> bool:
    """Whether a member of the last answer may be sent back."""
    # "The updated client metadata fields request MUST NOT include the "registration_access_token",
    # "registration_client_uri", "client_secret_expires_at", or "client_id_issued_at" fields". client_secret, which
    # MAY be there, is left out with them: some servers refuse any.
    if name.partition("#")[0] in ISSUED:
        return False
    # RFC 7591 section 2: "The "jwks_uri" and "jwks" parameters MUST NOT both be present in the same request or
    # response": a server that fills in the other one, or an empty one, must not make us send both.
    return name not in _KEYS or (not is_empty(value) and _KEYS.isdisjoint(wanted))


def _request(method: str, purpose: Purpose, information: ClientInformation, body: bytes | None) -> Request:
    uri, token = information.registration_client_uri, information.registration_access_token
    if uri is None or token is None:
        # Section 3: both are REQUIRED in the answer of a server that supports management.
        raise ValueError("a client without registration_client_uri and registration_access_token is not managed")
    # Section 3: the "fully qualified URL" as it was given, its query included; nothing is built from the client_id.
    return Request(method=method, url=uri, purpose=purpose, authorization=bearer(token), body=body)
