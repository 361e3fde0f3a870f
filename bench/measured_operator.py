"""The operator, as it is, in a process that collects its garbage when it gets SIGUSR1, so that memory can be compared.

`python -m bench.measured_operator run …`
"""

import ctypes
import gc
import signal
import sys

from oauthclient_operator.command_line import main

COLLECTED = "garbage collected"


def _collect(*_: object) -> None:
    gc.collect()
    # What is free goes back to the system, or the peak would be measured. (Not every C library can.)
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
    sys.stderr.write(f"{COLLECTED}\n")


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _collect)
    sys.exit(main())
