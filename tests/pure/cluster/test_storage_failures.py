"""What the API server's failures to encrypt, decrypt or have what it stores come to; in its own words, as measured."""

import json

import pytest

from oauthclient_operator.cluster.failures import failure
from oauthclient_operator.cluster.target import CORE, Target, secret
from oauthclient_operator.errors import ClusterError, NotDecrypted, StorageNotReady, Unanswered

WEB = secret("shop", "web")
ALL = Target(api=CORE, resource="secrets")
FOR_ONE = "the API server cannot decrypt what it stores, secrets/shop/web for one; "
CORRUPT = (
    "StorageError: corrupt object, Code: 7, Key: /registry/secrets/shop/web, ResourceVersion: 0, AdditionalErrorMsg: "
    "data from the storage is not transformable revision=0: no matching key was found for the provided AES transformer"
)
OF_ONE = {
    "1.37: one": f"Internal error occurred: {CORRUPT}",
    "1.37: one that is patched": "Internal error occurred: data from the storage is not transformable revision=0: x",
    "1.30: an older key": "Internal error occurred: no matching key was found for the provided AES transformer",
    "1.30: another provider": "Internal error occurred: no matching prefix found",
    "1.30: another key of that name": "Internal error occurred: invalid padding on input",
    "1.30: another key of AES-GCM": "Internal error occurred: cipher: message authentication failed",
    "1.30: a KMS that is away": "Internal error occurred: failed to decrypt DEK, error: rpc error: code = Unavailable",
}


def failed(method: str, target: Target, code: int, message: str) -> ClusterError:
    said = {"kind": "Status", "code": code, "reason": "InternalError", "message": message}
    return failure(method, target, code, json.dumps(said).encode(), of_operator=True)


@pytest.mark.parametrize("message", OF_ONE.values(), ids=OF_ONE)
def test_one_that_cannot_be_decrypted_is_said_with_who_has_to_do_what(message: str) -> None:
    error = failed("GET", WEB, 500, message)
    assert type(error) is NotDecrypted
    assert str(error) == (
        "GET secrets shop/web: 500 InternalError: the API server cannot decrypt what it stores; the cluster's "
        "administrator has to bring back its encryption key or its KMS, or to remove what is damaged"
    )


@pytest.mark.parametrize(
    ("code", "message"),
    [
        pytest.param(500, f"failed to read one or more secrets from the storage: {CORRUPT}", id="1.37"),
        pytest.param(
            429,
            "storage is (re)initializing: failed to list <unspecified>: failed to read one or more secrets from the "
            f"storage: {CORRUPT} (and 4 more)",
            id="1.37: a watch",
        ),
        pytest.param(
            500,
            'Internal error occurred: unable to transform key "/registry/secrets/shop/web": no matching prefix found',
            id="1.30",
        ),
    ],
)
def test_a_list_names_one_that_cannot_be_decrypted(code: int, message: str) -> None:
    error = failed("GET", ALL, code, message)
    assert type(error) is NotDecrypted
    assert FOR_ONE in str(error)


@pytest.mark.parametrize(
    "message",
    [
        "got unexpected nil transformer",
        'encryptedDEKSource with keyID hash "sha256:ab" expired at 2026-01-02T03:04:05Z (current time is later)',
        "failed to encrypt DEK, error: rpc error: code = Unavailable desc = hunter2",
    ],
)
def test_what_a_kms_that_is_away_keeps_from_being_written_is_said(message: str) -> None:
    error = failed("POST", secret("shop"), 500, f"Internal error occurred: {message}")
    assert type(error) is NotDecrypted
    assert "cannot encrypt what it is to store; the cluster's administrator has to bring back" in str(error)
    assert "hunter2" not in str(error)


def test_a_kind_that_is_not_there_yet_is_no_word_about_others() -> None:
    error = failed("GET", ALL, 429, "storage is (re)initializing")
    assert type(error) is StorageNotReady
    assert str(error).endswith("the API server's storage is (re)initializing")


@pytest.mark.parametrize(
    "message",
    ['hunter2: "no matching prefix found"', 'Internal error occurred: hunter2: unable to transform key "/hunter2"'],
)
def test_whoever_quotes_such_words_is_not_taken_for_it(message: str) -> None:
    error = failed("GET", WEB, 500, message)
    assert type(error) is Unanswered
    assert str(error) == "GET secrets shop/web: 500 InternalError"
