"""How an issuer resource has its issuer reached: whom to trust there (`spec.trust`) and where it may be (`spec.reach`).

A CA bundle stands in the place of the operator's own; `systemAuthorities` adds the system's.
"""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from ipaddress import ip_network
from typing import Final

from ..egress.url import destination
from ..errors import EgressRefused
from ..oauth.json_object import JSON
from ..reach import Reach
from .json_path import child, text
from .kubernetes_names import is_secret_key, is_subdomain

CA_KEY: Final = "ca.crt"
"""The key of a ConfigMap under which authorities stand, where the spec names no other."""
CA_BUNDLE_LIMIT: Final = 64 * 1024
"""Characters of the certificates: each client's record holds them."""
_MOST_NETWORKS: Final = 64
_MOST_ORIGINS: Final = 16
_CERTIFICATE: Final = re.compile(r"-----BEGIN CERTIFICATE-----[\sA-Za-z0-9+/=]+-----END CERTIFICATE-----")
_CIDR: Final = re.compile(r"([0-9.]+|[0-9A-Fa-f:]+)/(0|[1-9][0-9]{0,2})")
_ORIGIN: Final = re.compile(r"https?://[^/?#@\\]+")
_OF_TRUST: Final = frozenset({"caBundle", "caBundleRef", "systemAuthorities"})
_REFERENCE: Final = "spec.trust.caBundleRef"


@dataclass(frozen=True, slots=True)
class CABundleReference:
    """A ConfigMap of the operator's own namespace that holds certificates of authorities, and the key in it."""

    config_map: str
    key: str = CA_KEY


def ca_bundle_reference(spec: Mapping[str, JSON]) -> CABundleReference | None:
    """Return which ConfigMap an issuer resource's spec names, None where it names none that there could be."""
    written = child(child(spec, "trust"), "caBundleRef")
    name, key = text(written, "name"), written.get("key", CA_KEY)
    if name is None or not is_subdomain(name) or not isinstance(key, str) or not is_secret_key(key):
        return None
    return CABundleReference(name, key)


def reach_of(spec: Mapping[str, JSON], owner: str, ca_bundle: str | None, problems: list[str]) -> Reach:
    """Read `spec.trust` and `spec.reach`; what is wrong is a problem, and opens nothing.

    `owner` is the resource's UID; `ca_bundle` is what stands where `spec.trust.caBundleRef` leads, None for nothing.
    """
    trust, written = child(spec, "trust"), child(spec, "reach")
    if spec.get("trust") is not None and not trust:
        problems.append("spec.trust: write caBundle, caBundleRef or systemAuthorities, or leave trust out")
    http = _flag(written, "reach.http", problems)
    return Reach(
        owner=owner,
        authorities=_authorities(trust, ca_bundle, problems),
        system_authorities=_flag(trust, "trust.systemAuthorities", problems),
        private_addresses=_networks(written, problems),
        http=http,
        endpoint_origins=_origins(written, problems, http=http),
    )


def _authorities(trust: Mapping[str, JSON], ca_bundle: str | None, problems: list[str]) -> str | None:
    written, referred = trust.get("caBundle"), trust.get("caBundleRef")
    if not trust.keys() <= _OF_TRUST:
        # What is not known here may be a rule of a definition that is newer than this program.
        problems.append("spec.trust: write caBundle or caBundleRef, and systemAuthorities, and nothing else")
    if written is not None and referred is not None:
        problems.append("spec.trust: write caBundle or caBundleRef, not both")
        return None
    if referred is not None:
        reference = ca_bundle_reference({"trust": dict(trust)})
        if reference is None:
            problems.append(f"{_REFERENCE}: write the name of a ConfigMap, and a key of it where that is not {CA_KEY}")
            return None
        if ca_bundle is None:
            problems.append(
                f"{_REFERENCE}: there is no ConfigMap {reference.config_map} with a key {reference.key} in the "
                "operator's namespace"
            )
            return None
        where = f"{_REFERENCE}: ConfigMap {reference.config_map}, key {reference.key},"
        return _certificates(ca_bundle, where, problems)
    return None if written is None else _certificates(written, "spec.trust.caBundle", problems)


def _certificates(written: JSON, where: str, problems: list[str]) -> str | None:
    """Return the certificates that a text holds, and nothing of what stands between them."""
    found = _CERTIFICATE.findall(written) if isinstance(written, str) else []
    if not found or (isinstance(written, str) and "PRIVATE KEY-----" in written):
        problems.append(
            f"{where} has to hold certificates in PEM, each between -----BEGIN CERTIFICATE----- and "
            "-----END CERTIFICATE-----, and no private key"
        )
        return None
    certificates = "".join(f"{one}\n" for one in dict.fromkeys(found))
    if len(certificates) > CA_BUNDLE_LIMIT:
        problems.append(
            f"{where} holds more than {CA_BUNDLE_LIMIT // 1024} KiB of certificates: keep those of your own "
            "authorities, and write systemAuthorities: true for the system's"
        )
        return None
    if not all(map(_is_whole, found)):
        problems.append(f"{where} holds a certificate that is cut short or not in PEM")
        return None
    return certificates


def _is_whole(certificate: str) -> bool:
    """Whether a certificate is one ASN.1 sequence of the length that it says; what is in it, who uses it will see."""
    try:
        der = base64.b64decode("".join(certificate.splitlines()[1:-1]).replace(" ", ""), validate=True)
    except ValueError:
        return False
    # X.690 section 8.1.3: the length is in the second octet, or in as many after it as that says.
    if len(der) < 2 or der[0] != 0x30:
        return False
    more = der[1] & 0x7F if der[1] & 0x80 else 0
    length = int.from_bytes(der[2 : 2 + more]) if more else der[1]
    return len(der) == 2 + more + length


def _networks(reach: Mapping[str, JSON], problems: list[str]) -> tuple[str, ...]:
    place = "spec.reach.privateAddresses"
    found: set[str] = set()
    for i, written in enumerate(_texts(reach, "privateAddresses", place, _MOST_NETWORKS, problems)):
        network = _network(written)
        if network is None:
            problems.append(
                f"{place}[{i}]: write a network as a CIDR, e.g. 10.20.0.0/16, or 10.20.1.5/32 for one address"
            )
        else:
            found.add(network)
    return tuple(sorted(found))


def _network(written: str) -> str | None:
    if _CIDR.fullmatch(written) is None:
        return None
    try:
        return ip_network(written, strict=False).compressed
    except ValueError:
        return None


def _origins(reach: Mapping[str, JSON], problems: list[str], *, http: bool) -> tuple[str, ...]:
    place = "spec.reach.endpointOrigins"
    found: set[str] = set()
    for i, written in enumerate(_texts(reach, "endpointOrigins", place, _MOST_ORIGINS, problems)):
        if not _is_origin(written):
            problems.append(f"{place}[{i}]: write an origin, https:// and a host, e.g. https://api.idp.example.com")
        elif written.startswith("http://") and not http:
            problems.append(f"{place}[{i}]: write an https origin, or reach.http: true")
        else:
            found.add(written)
    return tuple(sorted(found))


def _is_origin(written: str) -> bool:
    if _ORIGIN.fullmatch(written) is None:
        return False
    try:
        destination(written)
    except EgressRefused:
        return False
    return True


def _texts(parent: Mapping[str, JSON], member: str, place: str, most: int, problems: list[str]) -> tuple[str, ...]:
    written = parent.get(member)
    if written is None:
        return ()
    texts = tuple(one for one in written if isinstance(one, str)) if isinstance(written, list) else ()
    if not isinstance(written, list) or len(texts) != len(written) or len(texts) > most:
        problems.append(f"{place}: write a list of at most {most} strings")
        return ()
    return texts


def _flag(parent: Mapping[str, JSON], place: str, problems: list[str]) -> bool:
    written = parent.get(place.rpartition(".")[2])
    if not isinstance(written, bool | None):
        problems.append(f"spec.{place}: write true or false")
    return written is True
