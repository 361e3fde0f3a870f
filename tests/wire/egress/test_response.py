"""A complete exchange: what goes out byte by byte, and what comes back whole, without a judgement."""

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.egress.door import USER_AGENT, Door
from oauthclient_operator.exchange import Request, Response, bearer
from tests.parts.certificates import CertificateAuthority
from tests.parts.misbehaving import Behaviour, MisbehavingServer, flood, leave, respond, script, send
from tests.wire.egress.conftest import NAME, Heard


async def test_a_request_has_these_headers_and_no_others(
    door: Door, certificate_authority: CertificateAuthority
) -> None:
    async with MisbehavingServer(respond(201, {}), certificate=certificate_authority.certificate(NAME)) as server:
        url = server.url("/reg", host=NAME)
        request = Request(method="POST", url=url, authorization=bearer(Confidential("iat")), body=b'{"a": "\xc3\xbc"}')
        await door.exchange(request, timeout=5)
        await door.exchange(Request(method="GET", url=url), timeout=5)
        sent, get = server.requests
    assert (sent.method, sent.target, sent.body) == ("POST", "/reg", b'{"a": "\xc3\xbc"}')
    common = {
        "host": f"{NAME}:{server.port}",
        "user-agent": USER_AGENT,
        "accept": "application/json",
        "accept-encoding": "identity",
        "connection": "close",
    }
    body = {"content-type": "application/json", "content-length": "11", "authorization": "Bearer iat"}
    assert sent.headers == common | body
    assert get.headers == common
    assert USER_AGENT.startswith("oauthclient-operator/")


@pytest.mark.parametrize(
    "target", ["/", "/reg?client_id=a'b%7e|{}", "/a/../b//c/./d?x=/y", "/%2e%2e/%C3%BC", "/?", '/<"^`>']
)
async def test_the_path_and_query_of_a_uri_are_sent_as_the_server_wrote_them(target: str, door: Door) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        await door.exchange(Request(method="GET", url=server.url(target)), timeout=5)
        assert server.requests[0].target == target


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "GET"])
async def test_a_request_without_a_body_has_none(method: str, door: Door) -> None:
    async with MisbehavingServer(respond(200, {})) as server:
        await door.exchange(Request(method=method, url=server.url()), timeout=5)
        assert server.requests[0].headers.get("content-length") == ("0" if method in {"POST", "PUT"} else None)
        assert "content-type" not in server.requests[0].headers


WHOLE: dict[str, tuple[Behaviour, int, bytes]] = {
    "201 with a length": (respond(201, {"a": 1}), 201, b'{"a": 1}'),
    "204": (send(b"HTTP/1.1 204 No Content\r\n\r\n"), 204, b""),
    "401": (respond(401, {"error": "invalid_token"}, www_authenticate="Bearer"), 401, b'{"error": "invalid_token"}'),
    "503": (respond(503, body=b"<html>", content_type="text/html"), 503, b"<html>"),
    "chunks": (send(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n"), 200, b"{}"),
    "in drops": (send(*(bytes([b]) for b in b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")), 200, b"{}"),
    "to the end": (send(b"HTTP/1.0 200 OK\r\n\r\n{}"), 200, b"{}"),
    "after a 100 and a 103": (
        send(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: <x>\r\n\r\nHTTP/1.1 204 No\r\n\r\n"),
        204,
        b"",
    ),
    "compressed, but empty": (respond(204, content_encoding="gzip"), 204, b""),
    "said to be identity": (respond(200, body=b"{}", content_encoding="identity"), 200, b"{}"),
    "more than was announced": (send(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}{}{}"), 200, b"{}"),
    "a trailer without end": (
        flood(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n", b"X-Trailer: a\r\n"),
        200,
        b"{}",
    ),
    "bytes that are no text": (respond(200, body=bytes(range(256)), x="\xff"), 200, bytes(range(256))),
    "large, but not too large": (respond(200, body=b" " * 250_000), 200, b" " * 250_000),
}


@pytest.mark.parametrize("case", WHOLE)
async def test_a_whole_response_is_handed_back_whole(case: str, door: Door) -> None:
    behave, status, body = WHOLE[case]
    async with MisbehavingServer(behave) as server:
        answer = await door.exchange(Request(method="GET", url=server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (status, body)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize("location", ["/next", "https://169.254.169.254/", "http://[", "\x80", "//:x@/ y"])
async def test_a_redirect_is_an_answer_and_not_followed(status: int, location: str, door: Door, heard: Heard) -> None:
    """Also one whose Location means nothing: a complete answer stays one."""
    async with MisbehavingServer(script(respond(status, location=location))) as server:
        request = Request(method="POST", url=server.url(), authorization=bearer(Confidential("iat")), body=b"{}")
        answer = await door.exchange(request, timeout=5)
        assert isinstance(answer, Response)
        assert (answer.status, answer.headers["location"]) == (status, location)
        assert len(server.requests) == 1
    assert len(heard.connects) == 1


async def test_headers_of_one_name_are_one_list_and_names_are_in_lower_case(door: Door) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nRETRY-after: 7\r\nX-A: 1\r\nx-a: 2\r\n\r\n"
    async with MisbehavingServer(send(head)) as server:
        answer = await door.exchange(Request(method="GET", url=server.url()), timeout=5)
    assert isinstance(answer, Response)
    assert answer.headers == {"retry-after": "7", "x-a": "1, 2"}


async def test_every_exchange_has_a_connection_of_its_own_and_no_cookies(door: Door) -> None:
    keep = respond(200, {}, set_cookie="session=1; Path=/", connection="keep-alive")
    async with MisbehavingServer(keep) as server:
        for _ in range(3):
            await door.exchange(Request(method="GET", url=server.url()), timeout=5)
        assert server.connections == 3
        assert all("cookie" not in request.headers for request in server.requests)


async def test_a_lost_answer_is_not_asked_for_again(door: Door) -> None:
    async with MisbehavingServer(leave) as server:
        await door.exchange(Request(method="GET", url=server.url()), timeout=5)
        assert server.connections == 1
