"""The log: one line per thing that happened, as JSON unless a person reads it; what is confidential never gets here."""

import json
import logging
import sys
from datetime import UTC, datetime
from typing import Final, TextIO

from .oauth.words import visible

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}
_NAMES: Final = {"resource": "name"}
"""From the key in `extra` to the one in the log: `name` itself is taken, a LogRecord's `name` is its logger's."""
NOISY: Final = ("kopf", "httpcore", "aiohttp", "asyncio", "kubernetes")
"""Libraries whose lower levels show URLs, headers or bodies."""


class _TriedAgain(logging.Filter):
    """Makes a warning of what kopf calls an error and tries again by itself, as when the API server is replaced."""

    def filter(self, record: logging.LogRecord) -> bool:
        if record.levelno == logging.ERROR and record.name.startswith("kopf.") and "; will re" in record.getMessage():
            record.levelno, record.levelname = logging.WARNING, logging.getLevelName(logging.WARNING)
        return True


class _JSONLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
            **_details(record),
        }
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return visible(json.dumps(line, ensure_ascii=False, default=str))


class _Readable(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        time = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        details = " ".join(f"{k}={v}" for k, v in _details(record).items())
        line = visible(f"{time} {record.levelname:<7} {record.getMessage()} {details}".rstrip())
        if not record.exc_info:
            return line
        # Indented, so that no line of an exception's message looks like one of the log's own.
        trace = self.formatException(record.exc_info).splitlines()
        return "\n".join([line, *(f"    {visible(part)}" for part in trace)])


def start_logging(log_format: str, level: str, stream: TextIO = sys.stderr) -> None:
    """Send the log to a stream: `log_format` is auto, json or text; `level` a level's name in lower case."""
    readable = log_format == "text" or (log_format == "auto" and stream.isatty())
    writer = logging.StreamHandler(stream)
    writer.setFormatter(_Readable() if readable else _JSONLines())
    writer.addFilter(_TriedAgain())
    logging.basicConfig(level=level.upper(), handlers=[writer], force=True)
    for name in NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)


def _details(record: logging.LogRecord) -> dict[str, object]:
    return {_NAMES.get(k, k): v for k, v in vars(record).items() if k not in _STANDARD}
