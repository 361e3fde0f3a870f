"""Private keys as they are written, the JWS algorithms that they stand for, and what is signed with them."""

import base64
import json
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import PrivateFormat
from hypothesis import given
from hypothesis import strategies as st
from joserfc import jws
from joserfc.jwk import OctKey, import_key
from joserfc.util import base64_to_int, int_to_base64

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.jose import PrivateKey, mac, sign
from tests.processor_time import least
from tests.pure import keys


def parse(text: str, **more: str) -> PrivateKey:
    return PrivateKey.parse(Confidential(text), **more)


def verified(token: str, key: Any, algorithm: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return header and claims of a JWS whose signature is good."""
    registry = jws.JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = 4096
    found = jws.deserialize_compact(token, key, registry=registry)
    return found.headers(), json.loads(found.payload)


@pytest.mark.parametrize(
    ("kind", "algorithms"),
    [
        ("RSA 2048", ("RS256", "PS256", "RS384", "PS384", "RS512", "PS512")),
        ("P-256", ("ES256",)),
        ("P-384", ("ES384",)),
        ("P-521", ("ES512",)),
        ("Ed25519", ("Ed25519", "EdDSA")),
    ],
)
@pytest.mark.filterwarnings("ignore:EdDSA is deprecated")
def test_the_algorithms_follow_from_the_key_and_each_of_them_signs(kind: str, algorithms: tuple[str, ...]) -> None:
    key = parse(keys.pem(kind))
    assert (key.algorithms, key.algorithm) == (algorithms, algorithms[0])
    for algorithm in algorithms:
        token = sign(key, {"alg": algorithm, "typ": "JWT"}, {"sub": "ü"})
        public = import_key(dict(key.public_jwk))  # type: ignore[arg-type] # strings, as it says
        assert verified(token, public, algorithm) == ({"alg": algorithm, "typ": "JWT"}, {"sub": "ü"})
    assert parse(keys.jwk(kind)).algorithms == algorithms


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("kind", ["RSA 2048", "P-256"])
def test_a_PEM_file_may_have_any_of_its_usual_forms_and_a_newline_at_its_end(kind: str, form: PrivateFormat) -> None:
    assert parse("\n" + keys.pem(kind, form) + "\n").thumbprint == parse(keys.jwk(kind)).thumbprint


def test_the_alg_of_a_JWK_or_of_the_caller_fixes_the_algorithm() -> None:
    assert parse(keys.jwk("RSA 2048", alg="PS384")).algorithms == ("PS384",)
    assert parse(keys.jwk("Ed25519", alg="EdDSA")).algorithms == ("EdDSA",)
    assert parse(keys.pem("RSA 2048"), algorithm="PS256").algorithm == "PS256"
    with pytest.raises(ValueError, match="does not fit"):
        parse(keys.jwk("P-256", alg="ES384"))
    with pytest.raises(ValueError, match="does not fit"):
        parse(keys.pem("P-256"), algorithm="none")
    with pytest.raises(ValueError, match="does not fit"):
        sign(parse(keys.pem("P-256")), {"alg": "HS256"}, {})


def test_the_public_JWK_has_the_members_of_RFC_7638_and_no_others() -> None:
    written = keys.members("P-256", kid="k", use="sig", key_ops=["sign"], x5c=["AAAA"], ext=True)
    key = parse(json.dumps(written))
    assert key.public_jwk == {name: written[name] for name in ("kty", "crv", "x", "y")}
    assert key.kid == "k"
    assert set(parse(keys.jwk("RSA 2048", alg="PS256")).public_jwk) == {"kty", "n", "e"}


def test_a_public_part_of_another_key_beside_the_private_one_is_not_believed() -> None:
    other = keys.members("Ed25519", x=base64.urlsafe_b64encode(b"x" * 32).rstrip(b"=").decode())
    assert parse(json.dumps(other)).public_jwk == parse(keys.pem("Ed25519")).public_jwk


def test_the_thumbprint_is_that_of_RFC_7638() -> None:
    # RFC 9449 section 6.1 prints it for the key of section 4.2.
    public = {
        "kty": "EC",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA",
        "crv": "P-256",
    }
    assert import_key(dict(public)).thumbprint() == "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    key = parse(keys.pem("P-256"))
    assert key.thumbprint == import_key(dict(key.public_jwk)).thumbprint()  # type: ignore[arg-type] # invariant


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(lambda: keys.pem("RSA 1024"), "2048 bits at least", id="DP-14: RSA 1024, PEM"),
        pytest.param(lambda: keys.jwk("RSA 1024"), "2048 bits at least", id="DP-14: RSA 1024, JWK"),
        pytest.param(lambda: keys.public_pem("P-256"), "not a private one", id="DP-15: public, PEM"),
        pytest.param(
            lambda: json.dumps({n: v for n, v in keys.members("P-256").items() if n != "d"}),
            "not a private one",
            id="DP-15: public, JWK",
        ),
        pytest.param(lambda: json.dumps({"kty": "oct", "k": "c2VjcmV0"}), "symmetric", id="DP1: symmetric"),
        pytest.param(lambda: keys.encrypted_pem("P-256"), "passphrase", id="encrypted"),
        pytest.param(lambda: keys.pem("secp256k1"), "unknown curve", id="another curve, PEM"),
        pytest.param(lambda: keys.jwk("secp256k1"), "unknown curve", id="another curve, JWK"),
        pytest.param(lambda: keys.pem("Ed448"), "unknown kind", id="another kind"),
        pytest.param(lambda: keys.jwk("P-256", crv="P-999"), "malformed", id="no curve"),
        pytest.param(lambda: keys.jwk("P-256", kty="AKP"), "malformed", id="no kind"),
        pytest.param(lambda: keys.jwk("P-256", x="AAAA"), "malformed", id="not on the curve"),
        pytest.param(lambda: keys.jwk("P-256", kid=7), "not a string", id="kid is a number"),
        pytest.param(
            lambda: json.dumps({n: v for n, v in keys.members("RSA 2048").items() if n not in ("p", "q")}),
            "lacks",
            id="RSA without its factors",
        ),
        pytest.param(lambda: keys.jwk("RSA 2048", n="A" * 1366), "too large", id="RSA 8192, JWK"),
        pytest.param(lambda: "-----BEGIN PRIVATE KEY-----" + "A" * 6000, "too large", id="RSA 8192, PEM"),
        pytest.param(
            lambda: "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----", "malformed", id="no key in PEM"
        ),
        pytest.param(lambda: "{", "not JSON", id="no JSON"),
        pytest.param(lambda: '{"a":"' + "x" * 20000 + '"}', "not JSON", id="a large JWK"),
        pytest.param(lambda: "hunter2", "neither PEM nor a JWK", id="a password"),
        pytest.param(lambda: "", "neither PEM nor a JWK", id="nothing"),
    ],
)
def test_what_is_no_private_key_is_refused_in_fixed_words(text: Callable[[], str], words: str) -> None:
    with pytest.raises(ValueError, match=words) as refusal:
        parse(text())
    # An exception below may quote what it could not read.
    assert refusal.value.__context__ is None
    assert refusal.value.__cause__ is None


def diffie_hellman() -> str:
    """Return a Diffie-Hellman key of 8192 bits in PKCS #8."""

    def integer(value: int) -> bytes:
        return der_value(2, value.to_bytes(value.bit_length() // 8 + 1, "big"))

    prime = (1 << 8191) | ((1 << 8191) // 3) | 1
    kind = der_value(6, bytes.fromhex("2a864886f70d010301")) + der_value(0x30, integer(prime) + integer(2))
    der = der_value(0x30, integer(0) + der_value(0x30, kind) + der_value(4, integer(prime // 3)))
    return f"-----BEGIN PRIVATE KEY-----\n{base64.encodebytes(der).decode()}-----END PRIVATE KEY-----\n"


def one_off(member: str) -> dict[str, Any]:
    """Return an RSA key of which one number is not its own."""
    written = keys.members("RSA 2048")
    return {**written, member: int_to_base64(base64_to_int(written[member]) + 2)}


def pkcs1(written: dict[str, Any]) -> str:
    """Return an RSA key in PEM, right or wrong (RFC 8017 appendix A.1.2)."""
    numbers = (0, *(base64_to_int(written[m]) for m in ("n", "e", "d", "p", "q", "dp", "dq", "qi")))
    der = der_value(0x30, b"".join(der_value(2, i.to_bytes(i.bit_length() // 8 + 1, "big")) for i in numbers))
    return f"-----BEGIN RSA PRIVATE KEY-----\n{base64.encodebytes(der).decode()}-----END RSA PRIVATE KEY-----\n"


def der_value(tag: int, content: bytes) -> bytes:
    size = len(content)
    octets = size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (octets if size < 128 else bytes([0x80 + len(octets)]) + octets) + content


def test_an_RSA_key_in_PEM_is_the_one_in_a_JWK() -> None:
    assert parse(pkcs1(keys.members("RSA 2048"))) == parse(keys.jwk("RSA 2048"))


@pytest.mark.parametrize("member", ["n", "e", "d", "p", "q", "dp", "dq", "qi"])
def test_an_RSA_key_whose_numbers_do_not_belong_together_is_refused(member: str) -> None:
    written = one_off(member)
    with pytest.raises(ValueError, match="do not belong together"):
        parse(json.dumps(written))
    with pytest.raises(ValueError, match=r"do not belong together|malformed"):
        parse(pkcs1(written))


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_large_RSA_key_is_read_in_either_form(form: PrivateFormat) -> None:
    assert parse(f"of the registration desk\n{keys.pem('RSA 3072', form)}") == parse(keys.jwk("RSA 3072"))
    with pytest.raises(ValueError, match="passphrase"):
        parse(keys.encrypted_pem("RSA 3072"))


def test_to_read_a_large_key_does_not_hold_up_the_process() -> None:
    # A tenant names it in as many resources as it likes, and no other thread runs while its factors are looked at:
    # whether those are prime takes a tenth of a second.
    def read(text: str) -> None:
        with suppress(ValueError):
            parse(text)

    disguised = f"{keys.pem('P-256')}{diffie_hellman()}"
    for text in (keys.pem("RSA 3072"), keys.jwk("RSA 3072"), diffie_hellman(), disguised):
        assert least(partial(read, text), below=0.04) < 0.04


@given(st.text(max_size=300) | st.text(max_size=300).map(lambda s: f"-----BEGIN PRIVATE KEY-----\n{s}"))
def test_whatever_is_written_is_a_key_or_a_ValueError(text: str) -> None:
    with pytest.raises(ValueError, match=r"key|JWK"):
        parse(text)


@given(
    st.dictionaries(
        st.sampled_from(["kty", "crv", "x", "y", "d", "n", "e", "p", "q", "dp", "dq", "qi", "oth", "alg", "kid"]),
        st.sampled_from(["EC", "RSA", "OKP", "P-256", "Ed25519", "AQAB", "AA", "", "ü"]) | st.integers() | st.none(),
    )
)
def test_whatever_stands_in_a_JWK_is_a_key_or_a_ValueError(written: dict[str, Any]) -> None:
    # None of these is whole.
    with pytest.raises(ValueError, match=r"key|JWK") as refusal:
        parse(json.dumps(written))
    assert refusal.value.__context__ is None


def test_nothing_private_is_in_the_repr_of_a_key() -> None:
    for text in (keys.jwk("RSA 2048"), keys.jwk("P-256"), keys.jwk("Ed25519")):
        key = parse(text)
        private = [json.loads(text)[n] for n in ("d", "p", "q", "dp", "dq", "qi") if n in json.loads(text)]
        shown = repr(key) + str(key)
        assert not [value for value in private if value in shown]
        assert "object at" not in shown


def test_keys_are_equal_by_what_they_are_and_not_by_how_they_were_written() -> None:
    assert parse(keys.pem("P-256")) == parse(keys.jwk("P-256"))
    assert len({parse(keys.pem("P-256")), parse(keys.pem("P-384"))}) == 2


def test_a_MAC_is_by_the_secrets_UTF8_bytes_however_short() -> None:
    for secret in ("s3cr3t", "ü" * 20, "-----BEGIN nothing-----"):
        token = mac(Confidential(secret), {"alg": "HS256"}, {"iss": "a"})
        key = OctKey(secret.encode(), secret.encode())
        assert verified(token, key, "HS256") == ({"alg": "HS256"}, {"iss": "a"})
    with pytest.raises(ValueError, match="empty"):
        mac(Confidential(""), {"alg": "HS256"}, {})


@pytest.mark.parametrize("algorithm", ["none", "RS256", "hs256", None])
def test_a_mac_is_a_mac(algorithm: str | None) -> None:
    with pytest.raises(ValueError, match="does not fit"):
        mac(Confidential("secret"), {"alg": algorithm}, {})
