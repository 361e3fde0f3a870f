"""Client configuration endpoints (RFC 7592 section 3): whether an address that a server named is one client's alone."""

from urllib.parse import parse_qsl, unquote, urlsplit


def names_client(uri: str, client_id: str) -> bool:
    """Whether a client configuration endpoint is one client's alone, by its identifier: in its path, or in its query.

    Appendix B: "the server MAY simply return the client registration endpoint URL as the client configuration endpoint
    URL and change behavior based on the authentication context": whoever is known there by another token than the
    client's would not say which client is meant.
    """
    try:
        parts = urlsplit(uri)
        query = parse_qsl(parts.query, keep_blank_values=True)
    except ValueError:
        return False
    if "#" in uri or "\\" in uri:
        return False
    if query or "?" in uri:
        return query == [("client_id", client_id)]
    segments = [unquote(segment) for segment in parts.path.split("/")]
    return segments[-1] == client_id and not {"", ".", ".."} & {client_id} and not {".", ".."} & {*segments}
