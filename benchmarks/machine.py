"""What it ran on: as much as explains the figures, and nothing that names the machine."""

import os
import platform
from pathlib import Path

import redis

from benchmarks.ground import Ground


def describe(ground: Ground) -> dict[str, str]:
    with ground.product("small").connect() as connection:
        postgresql = connection.info.parameter_status("server_version") or ""
        row = connection.execute("SELECT current_setting('fsync'), current_setting('synchronous_commit')").fetchone()
    assert row == ("on", "on"), "PostgreSQL waits for the disk"
    with redis.Redis.from_url(ground.redis.url) as client:
        redis_version = str(client.info("server")["redis_version"])
    return {
        "Processor": _cpu_model(),
        "Cores": str(os.cpu_count()),
        "Memory": f"{os.sysconf('SC_PHYS_PAGES') * os.sysconf('SC_PAGE_SIZE') / 2**30:.0f} GiB",
        "System": f"{platform.system()} {platform.release().split('-')[0]}",
        "Python": platform.python_version(),
        "PostgreSQL": postgresql.split()[0],
        "Redis": redis_version,
    }


def _cpu_model() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
