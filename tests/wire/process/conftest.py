"""The API server played by a test, as in `tests/wire/cluster`."""

from tests.wire.cluster.conftest import kubeconfig, stage

__all__ = ["kubeconfig", "stage"]
