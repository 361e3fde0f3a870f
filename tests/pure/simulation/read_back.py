"""The port of records, which takes what was sent for what is stored, held to what is."""

from collections.abc import Mapping
from typing import Any

from oauthclient_operator.cluster.secrets import RecordSecrets
from oauthclient_operator.record.envelope import Stored, read
from oauthclient_operator.record.record import Record


class ReadBack(RecordSecrets):
    """Records of which each that was written is as it will be read."""

    def _written(self, record: Record, sent: Mapping[str, Any], answer: dict[str, Any]) -> Stored:
        stored = super()._written(record, sent, answer)
        assert stored == read(answer)
        return stored
