"""A person's browser, as far as a login needs one: it follows redirects, keeps cookies and sends the forms that it is shown."""

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Self

import httpx

_PAGES = 5
"""More than any login here has: who is sent in a circle is not logged in."""


@dataclass(slots=True)
class Form(HTMLParser):
    """The first form of a page."""

    method: str = "GET"
    action: str | None = None
    fields: dict[str, str] = field(default_factory=dict)
    _inside: bool = False

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)

    @classmethod
    def of(cls, page: httpx.Response) -> Self | None:
        """Return the first form of a page, or None where it has none."""
        form = cls()
        form.feed(page.text)
        return None if form.action is None else form

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin with the form, and keep what is in it."""
        found = {name: value or "" for name, value in attrs}
        if tag == "form" and self.action is None:
            self.method, self.action, self._inside = found.get("method", "GET"), found.get("action", ""), True
        elif tag == "input" and self._inside and "name" in found:
            self.fields[found["name"]] = found.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        """End with the form."""
        if tag == "form":
            self._inside = False

    def filled(self, user: str, password: str) -> dict[str, str]:
        """Return its fields as somebody sends them who fills in a name and a password where they are asked for."""
        known = {"username": user, "login": user, "password": password}
        return {name: known.get(name, value) for name, value in self.fields.items()}


class Ingress(httpx.BaseTransport):
    """What stands before an app in a cluster: it has the host's name and its TLS, and tells the app so."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._app = httpx.HTTPTransport()

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Pass a request on, to the app's own port and without TLS."""
        forwarded = httpx.Request(
            request.method,
            request.url.copy_with(scheme="http", host="127.0.0.1", port=self._port),
            headers={
                **request.headers,
                "X-Forwarded-Proto": request.url.scheme,
                "X-Forwarded-Host": request.url.host,
                "X-Forwarded-Port": "443",
                "X-Forwarded-For": "203.0.113.7",
            },
            stream=request.stream,
            extensions=request.extensions,
        )
        return self._app.handle_request(forwarded)

    def close(self) -> None:
        """Close its connections."""
        self._app.close()


class Browser:
    """One person with one browser, new each time: nobody remembers a login of before.

    `app` is the way to the app at `host`; `cookies` are there from the beginning.
    """

    def __init__(
        self, trust: Path, host: str, app: httpx.BaseTransport, cookies: Mapping[str, str] | None = None
    ) -> None:
        self._visited: list[httpx.URL] = []
        self._http = httpx.Client(
            verify=ssl.create_default_context(cafile=trust),
            mounts={f"https://{host}": app},
            cookies=dict(cookies or {}),
            event_hooks={"request": [lambda request: self._visited.append(request.url)]},
            follow_redirects=True,
            trust_env=False,
            timeout=30,
        )
        self._origin = f"https://{host}"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def open(self, url: str = "/") -> httpx.Response:
        """Open a page of the app, or any other one by its whole URL."""
        return self._http.get(httpx.URL(self._origin).join(url))

    def log_in(self, user: str, password: str, *, on: httpx.Response | None = None) -> httpx.Response:
        """Open the app, or stay `on` a page, do what pages ask for, and return the first that asks for nothing."""
        page = on or self.open()
        for _ in range(_PAGES):
            form = Form.of(page)
            if form is None:
                break
            assert form.action is not None
            fields, url = form.filled(user, password), page.url.join(form.action)
            post = form.method.upper() == "POST"
            page = self._http.post(url, data=fields) if post else self._http.get(url, params=fields)
        return page

    def cookies(self) -> dict[str, str]:
        """Return the cookies that the app has set."""
        host = httpx.URL(self._origin).host
        return {found.name: found.value or "" for found in self._http.cookies.jar if found.domain == host}

    def client_ids(self) -> list[str]:
        """Return whom the app said that it is, each time that it sent somebody to its authorization server."""
        found = [url.params["client_id"] for url in self._visited if "redirect_uri" in url.params]
        return list(dict.fromkeys(found))
