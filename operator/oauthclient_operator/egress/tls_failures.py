"""Why a TLS handshake failed, by OpenSSL's numbers and names, and never by its sentences."""

import ssl
from typing import Final

from ..exchange import TLSFailure

_BY_VERIFICATION: Final = {
    # x509_vfy.h. A certificate of an authority that was made anew under its old name fails by its signature.
    2: TLSFailure.UNTRUSTED,
    7: TLSFailure.UNTRUSTED,
    18: TLSFailure.UNTRUSTED,
    19: TLSFailure.UNTRUSTED,
    20: TLSFailure.UNTRUSTED,
    21: TLSFailure.UNTRUSTED,
    27: TLSFailure.UNTRUSTED,
    9: TLSFailure.EXPIRED,
    10: TLSFailure.EXPIRED,
    62: TLSFailure.WRONG_NAME,
    64: TLSFailure.WRONG_NAME,
}
_REFUSALS: Final = frozenset(
    {
        # Alerts of RFC 8446 section 6.2 by which a server says that it will not, whenever it is asked; an
        # "internal_error" or a "decode_error" may pass by itself.
        "SSLV3_ALERT_HANDSHAKE_FAILURE",
        "SSLV3_ALERT_BAD_CERTIFICATE",
        "SSLV3_ALERT_UNSUPPORTED_CERTIFICATE",
        "SSLV3_ALERT_CERTIFICATE_REVOKED",
        "SSLV3_ALERT_CERTIFICATE_EXPIRED",
        "SSLV3_ALERT_CERTIFICATE_UNKNOWN",
        "SSLV3_ALERT_ILLEGAL_PARAMETER",
        "TLSV1_ALERT_UNKNOWN_CA",
        "TLSV1_ALERT_ACCESS_DENIED",
        "TLSV1_ALERT_PROTOCOL_VERSION",
        "TLSV1_ALERT_INSUFFICIENT_SECURITY",
        "TLSV13_ALERT_CERTIFICATE_REQUIRED",
        "TLSV1_UNRECOGNIZED_NAME",
        # It answers with a version that is not spoken here.
        "UNSUPPORTED_PROTOCOL",
    }
)


def of_certificate(error: ssl.SSLCertVerificationError) -> TLSFailure:
    """Return what is wrong with a certificate that was not believed."""
    return _BY_VERIFICATION.get(error.verify_code, TLSFailure.UNUSABLE)


def is_refusal(error: ssl.SSLError) -> bool:
    """Whether it was the server that ended the handshake, and will again."""
    return error.reason in _REFUSALS
