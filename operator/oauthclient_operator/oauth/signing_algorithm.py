"""The JWS algorithms that the operator makes keys for, by the names that servers know them by."""

from enum import StrEnum


class SigningAlgorithm(StrEnum):
    """RFC 7518 section 3.1, RFC 8037 section 3.1."""

    ES256 = "ES256"
    ES384 = "ES384"
    EDDSA = "EdDSA"
    RS256 = "RS256"
    PS256 = "PS256"
