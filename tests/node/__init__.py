"""Pods on a real kubelet: `make test-node`, for it takes root."""

from typing import Final

IMAGE: Final = "OAUTHCLIENT_TESTS_IMAGE"
"""Names the archive with the operator's image to the tests; where it is not set, they are not collected."""
PAUSE: Final = "OAUTHCLIENT_TESTS_PAUSE"
"""Names the program of a pod's sandbox."""
