"""One module for each thing that is parsed; `ALL` has them by name."""

from typing import Final

from tests.fuzz.target import Target

from . import (
    allowed,
    answers,
    client_metadata,
    headers,
    http,
    issuer,
    json_object,
    keys,
    metadata_document,
    outline,
    record,
    resource,
    secret,
    secret_template,
    tls,
    url,
    words,
)

ALL: Final[dict[str, Target]] = {
    module.TARGET.name: module.TARGET
    for module in (
        allowed,
        answers,
        client_metadata,
        headers,
        http,
        issuer,
        json_object,
        keys,
        metadata_document,
        outline,
        record,
        resource,
        secret,
        secret_template,
        tls,
        url,
        words,
    )
}
