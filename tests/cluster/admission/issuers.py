"""Issuers that the API server admits, and others with what is wrong with them; the operator must agree with it."""

ADMITTED = (
    "https://idp.example.com",
    "https://idp.example.com/",
    "https://idp.example.com:8443/realms/shop",
    "https://[2001:db8::1]:8443/a",
    "https://idp.example.com/@tenant/a:b;c,d~e",
    "https://idp.example.com/a%20b",
    "https://xn--bcher-kva.example/",
    "http://idp.internal:8080/realms/shop",
)
UNREACHABLE = {
    "a host that ends with a dot": ("https://idp.example.com.", "the URL's host ends with a dot: leave the dot out"),
    "an address that ends with a dot": ("https://192.0.2.1./a", "the URL's host ends with a dot: leave the dot out"),
    "an empty label": ("https://idp..example.com", "the URL's host is not a host name"),
    "a label that begins with a hyphen": ("https://-idp.example.com", "the URL's host is not a host name"),
    "an address as a number": (
        "https://2130706433",
        "the URL's host is an IPv4 address in a form that is not canonical",
    ),
    "port 0": ("https://idp.example.com:0", "the URL's port does not exist"),
}
"""Admitted by the API server, for a served schema is never tightened; what the operator says of them."""
REFUSED = {
    "it is empty": "",
    "it has no scheme": "idp.example.com",
    "it has an authority and no scheme": "//idp.example.com",
    "it is a path": "/realms/shop",
    "another scheme": "ftp://idp.example.com",
    "it has no authority": "https:idp.example.com",
    "it has no host": "https://",
    "it has a path and no host": "https:///realms/shop",
    "user information": "https://shop@idp.example.com",
    "a query": "https://idp.example.com/?tenant=shop",
    "an empty query": "https://idp.example.com?",
    "a fragment": "https://idp.example.com/#shop",
    "an empty fragment": "https://idp.example.com#",
    "a port that is not a number": "https://idp.example.com:port",
    "half an IPv6 address": "https://[::1",
    "a space": "https://idp.example.com/a b",
    "a line break": "https://idp.example.com/a\nb",
    "a line break at the end": "https://idp.example.com/\n",
    "a control character": "https://idp.example.com/a\x7fb",
    "a path that is not ASCII": "https://idp.example.com/l\u00e4den",
    "a host that is not ASCII": "https://b\u00fccher.example/",
    "a backslash": "https://idp.example.com\\@evil.example.com",
    "a space before it": " https://idp.example.com",
}
