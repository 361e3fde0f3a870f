"""Keys that are made: each of its algorithm, another one each time, and hidden wherever it is shown."""

import copy
import json
import pickle

import pytest

from oauthclient_operator.confidential import Confidential
from oauthclient_operator.oauth.jose import PrivateKey, generate, private_jwk, private_pem, sign
from oauthclient_operator.oauth.signing_algorithm import SigningAlgorithm
from oauthclient_operator.record.signing_keys import SigningKey
from tests.pure.records import NOW

KINDS = {"ES256": "P-256", "ES384": "P-384", "EdDSA": "Ed25519", "RS256": None, "PS256": None}


def generated(algorithm: SigningAlgorithm) -> Confidential:
    return private_pem(generate(algorithm.value))


@pytest.mark.parametrize("algorithm", SigningAlgorithm)
def test_a_key_is_of_its_algorithm_and_signs(algorithm: SigningAlgorithm) -> None:
    pem = generated(algorithm)
    key = PrivateKey.parse(pem, algorithm=algorithm.value)
    assert pem.reveal().startswith("-----BEGIN PRIVATE KEY-----\n")
    assert key.public_jwk.get("crv") == KINDS[algorithm.value]
    assert sign(key, {"kid": key.thumbprint}, {"sub": "c1"}).count(".") == 2
    members = json.loads(private_jwk(key).reveal())
    assert members["d"]
    assert (members["kid"], members["use"], members["alg"]) == (key.thumbprint, "sig", algorithm.value)
    assert PrivateKey.parse(Confidential(json.dumps(members))).thumbprint == key.thumbprint


def test_no_two_are_the_same() -> None:
    assert generated(SigningAlgorithm.ES256) != generated(SigningAlgorithm.ES256)


def test_what_is_private_in_a_key_is_not_shown_nor_pickled() -> None:
    key = SigningKey.of(generated(SigningAlgorithm.EDDSA), SigningAlgorithm.EDDSA, NOW)
    secret = json.loads(key.private_jwk.reveal())["d"]
    body = key.pem.reveal().splitlines()[1]
    for shown in (repr(key), str(key), f"{key}", repr((key,)), repr(key.public_jwk)):
        assert secret not in shown
        assert body not in shown
    assert copy.deepcopy(key) is key
    with pytest.raises(TypeError):
        pickle.dumps(key)


def test_a_key_of_another_algorithm_is_none() -> None:
    pem = generated(SigningAlgorithm.ES256)
    with pytest.raises(ValueError, match="does not fit") as refusal:
        SigningKey.of(pem, SigningAlgorithm.EDDSA, NOW)
    assert pem.reveal() not in str(refusal.value)
