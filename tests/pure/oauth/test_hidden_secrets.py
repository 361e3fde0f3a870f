"""What servers put where a client secret belongs, when they have none to show: recognized, and nothing else is."""

import secrets
import uuid

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.hidden_secrets import Hidden, hidden
from tests.pure.oauth.transcripts import CANAILLE_PUT_200, NODE_201, RFC7591_3_2_1

HASHES = [
    "{bcrypt}$2a$10$dXJ3SW6G7P50lGmMkkmwe.20cQQubK3.HZWzG3YB1tlRy.fqvM/BG",
    "{PBKDF2}5d923b44a6d129f3ddf3e3c8d29412723dcbde72445e8ef6bf3b508fbf17fa4ed4d6b99ca763d8dc",
    "{SSHA}DkMTwBl+a/3DQTxCYEApdUtNXGgdUac3",
    "{pbkdf2@SpringSecurity_v5_8}fefe120467e5d4671abff68dbb690a8d",
    "$2b$12$EixZaYVKs1b/Qj3XgJ.FeOQe1s1QYBRR5HmMp6d2yGZK5mKWQn4iK",
    "$argon2id$v=19$m=65536,t=3,p=4$c2FsdA$RdescudvJCsgt3ub+b4dWRWJTmaaJObG",
    "$pbkdf2-sha512$25000$LmVMCcF4rxWitPZ$eZ",
    "$6$rounds=5000$saltstring$UQrS",
    "pbkdf2_sha256$600000$salt$hash=",
    "bcrypt_sha256$$2b$12$abc",
    "scrypt:32768:8:1$salt$deadbeef",
    "sha256:2bb80d537b1da3e38bd30361aa855686bde0eacd7162fef6a25fe97bf527a25b",
    "sha512$salt$9b71d224bd62f378",
    "SHA-256:deadbeef",
    "md5:5ebe2294ecd0e0f08eab7690d2a6ee69",
    "hmac-sha256:deadbeef",
]
MASKS = [
    "**********",
    "***",
    "●●●●●●",
    "••••••••",
    "............",
    "xxxxxxxx",
    "************wxyz",
    "abcd****",
    "<redacted>",
    "[hidden]",
    "(not shown)",
    "REDACTED",
    "not-shown",
    "not_available",
    "secret not available",
    "client_secret is hidden",
    "__hidden__",
    "N/A",
    "null",
    " ****** ",
]
REAL = [
    str(NODE_201["client_secret"]),
    str(CANAILLE_PUT_200["client_secret"]),
    str(RFC7591_3_2_1["client_secret"]),
    "secret",
    "s1",
    "aa",
    "{}",
    "pa$$word$1",
    "~8Q8~abc.def_ghi-jkl",
    "A*b**c",
    "shared:secret",
    "md5",
    "sha256deadbeef",
    "nullable",
    "n/a/b",
    str(uuid.UUID(int=7)),
]


@pytest.mark.parametrize(
    ("secret", "what"),
    [*((s, Hidden.HASH) for s in HASHES), *((s, Hidden.MASK) for s in MASKS), *((s, None) for s in REAL)],
)
def test_what_a_client_secret_looks_like(secret: str, what: Hidden | None) -> None:
    assert hidden(Confidential(secret)) is what


def test_no_secret_looks_like_nothing() -> None:
    assert hidden(None) is None


def test_what_is_drawn_at_random_is_a_secret() -> None:
    drawn = [*(secrets.token_urlsafe(32) for _ in range(2000)), *(secrets.token_hex(16) for _ in range(2000))]
    assert [s for s in drawn if hidden(Confidential(s)) is not None] == []
