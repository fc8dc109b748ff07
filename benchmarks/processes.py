"""What processes cost: their CPU time and their memory, as the kernel counts them."""

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PROC = Path("/proc")


def family(pid: int) -> list[int]:
    """The process and all that descend from it and still live."""
    children: dict[int, list[int]] = {}
    for each in _all():
        if stat := _stat(each):
            children.setdefault(int(stat[1]), []).append(each)
    found = [pid]
    for each in found:
        found.extend(children.get(each, ()))
    return found


def backends(database: str) -> list[int]:
    """The PostgreSQL processes that serve the clients of this database."""
    words = f" {database} 127.0.0.1("
    return [pid for pid in _all() if (line := command_line(pid)).startswith("postgres: ") and words in line]


def cpu_seconds(pids: Iterable[int]) -> float:
    """User and system time that these processes have used so far."""
    # Fields 14 and 15 of proc_pid_stat(5); the list begins with the third.
    return sum((int(stat[11]) + int(stat[12])) / TICKS for pid in pids if (stat := _stat(pid)))


def peak_kib(pid: int) -> int:
    """The most memory that this process has held, or 0 when it is gone."""
    with suppress(OSError, ValueError):
        for line in (PROC / str(pid) / "status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1])
    return 0


def _all() -> list[int]:
    return [int(name) for name in os.listdir(PROC) if name.isdigit()]


def _stat(pid: int) -> list[str]:
    with suppress(OSError):
        # The command's name stands in brackets and may hold anything.
        return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
    return []


def command_line(pid: int) -> str:
    """Its words, each ended by a NUL; empty when it is gone."""
    with suppress(OSError):
        return (PROC / str(pid) / "cmdline").read_text(errors="replace")
    return ""
