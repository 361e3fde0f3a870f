"""Issuers on loopback, and a clock that stands still until a test moves it."""

from dataclasses import dataclass

import pytest

from oauthclient_operator.egress.door import Door
from oauthclient_operator.egress.policy import EgressPolicy
from tests.parts.certificates import CertificateAuthority


@dataclass(slots=True)
class Clock:
    now: float = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def door(certificate_authority: CertificateAuthority) -> Door:
    policy = EgressPolicy.parse(private_issuers=["127.0.0.1"], http_issuers=["127.0.0.1"])
    return Door(policy=policy, ca_bundle=certificate_authority.bundle)
