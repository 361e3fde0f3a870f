"""Requests to the authorization server and answers of it, between the program's types and the small world's."""

import json
from typing import Any

from oauthclient_operator.exchange import Answer, Incomplete, NotSent, Request, Response
from tests.exploration.issuer import Reply

ACCEPTED, REFUSED, UNKNOWN = "accepted", "refused", "nobody knows"
"""What a proof of credentials comes to."""


def wire(request: Request) -> tuple[str, str, str | None, dict[str, Any]]:
    """Return method, URL, token and members of a request."""
    token = request.credentials.reveal() if request.credentials is not None else None
    return request.method, request.url, token, json.loads(request.body) if request.body else {}


def response(reply: Reply) -> Response:
    """Return a complete response."""
    body = b"" if reply.members is None else json.dumps(reply.members).encode()
    return Response(status=reply.status, body=body)


def page(status: int) -> Response:
    """Return a response that a gateway gives in a server's place."""
    return Response(status=status, headers={"content-type": "text/html"}, body=b"<html></html>")


def cut(answer: Answer, member: str) -> Answer:
    """Return a response that ended in a member's value, or without one right before its end."""
    if not isinstance(answer, Response):
        return answer
    place = answer.body.find(f'"{member}": "'.encode())
    end = len(answer.body) - 1 if place < 0 else place + len(member) + 6
    return Incomplete(cause="cut", status=answer.status, partial=answer.body[:end])


def rejection() -> Response:
    """Return that the server does not take the metadata."""
    return Response(status=400, body=b'{"error": "invalid_client_metadata"}')


def lost() -> Incomplete:
    """Return that no answer came."""
    return Incomplete(cause="lost")


def not_sent(why: str = "no route") -> NotSent:
    """Return that nothing was sent."""
    return NotSent(cause=why)
