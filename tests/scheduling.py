"""Which tests run in one process where the suite runs in several: each process has servers of its own."""

from typing import Final

from xdist.scheduler import LoadScopeScheduling

AT_ISSUERS: Final = "tests that may need authorization servers"
AT_API_SERVER: Final = "tests that need the API server alone"
OF_THE_IMAGE: Final = "tests of the image"


def scope(nodeid: str) -> str:
    """Return what a test runs together with, from its path; what needs no server goes file by file."""
    path = nodeid.partition("::")[0]
    if path.startswith(tuple(f"tests/cluster/{room}/" for room in ("consumers", "parts", "process", "scenarios"))):
        return AT_ISSUERS
    if path == "tests/cluster/test_rights_used.py":
        return AT_ISSUERS  # One audit log says what was used.
    if path.startswith("tests/cluster/image/"):
        return OF_THE_IMAGE
    if path.startswith("tests/cluster/crash/"):
        return path  # Its servers are its own.
    return AT_API_SERVER if path.startswith("tests/cluster/") else path


class ByServers(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """The scheduler by these scopes; they begin in the order of the tests, so that the long ones come first."""

    def _split_scope(self, nodeid: str) -> str:
        return scope(nodeid)
