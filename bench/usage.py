"""What processes use, read from /proc: seconds of CPU, resident memory and its peak (Linux)."""

import os
from collections.abc import Mapping
from pathlib import Path

CPU = dict[str, float]
"""Seconds by the name of the program."""
_TICKS = os.sysconf("SC_CLK_TCK")


def cpu(pid: int) -> float:
    """Return the seconds of CPU that a process has used."""
    user, system = _stat(Path(f"/proc/{pid}/stat"))[11:13]
    return (int(user) + int(system)) / _TICKS


def memory(pid: int) -> tuple[int, int]:
    """Return the bytes of memory that a process holds (RSS), and the most that it ever held."""
    lines = (line.split() for line in Path(f"/proc/{pid}/status").read_text().splitlines())
    found = {words[0]: int(words[1]) * 1024 for words in lines if words[0] in ("VmRSS:", "VmHWM:")}
    return found["VmRSS:"], found["VmHWM:"]


def cpu_by_part(known: Mapping[int, str]) -> CPU:
    """Return the seconds of each of our children, by the name given to it or of its program; ourselves as `bench`."""
    used = {"bench": cpu(os.getpid())}
    for process in Path("/proc").glob("[0-9]*"):
        try:
            parent = int(_stat(process / "stat")[1])
            if parent == os.getpid():
                name = known.get(int(process.name)) or _program(process)
                used[name] = used.get(name, 0.0) + cpu(int(process.name))
        except OSError:
            continue  # It has ended since.
    return used


def _program(process: Path) -> str:
    return Path((process / "cmdline").read_bytes().split(b"\0")[0].decode()).name


def _stat(file: Path) -> list[str]:
    # The program's name comes first, in parentheses, and may hold blanks.
    return file.read_text().rpartition(")")[2].split()
