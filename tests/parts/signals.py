"""How a program of ours ends when it is told to: as by Ctrl-C, with everything stopped and removed that it had started."""

import signal
from types import FrameType


def end_in_order() -> None:
    """Let SIGINT, SIGTERM and SIGHUP (the terminal was closed) end the program by an exception."""
    # A shell starts what it puts into the background with SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, _end)
    # Under nohup the terminal may be closed.
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, _end)


def _end(number: int, _: FrameType | None) -> None:
    # Once: who starts us passes the signal on that the terminal has sent already, and a second one would end the
    # stopping.
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    raise SystemExit(128 + number)
