"""Says which process keeps a SQLite file locked, where the system tells."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["holders"]

_LOCKS = Path("/proc/locks")


def holders(path: str) -> tuple[int, ...]:
    """Return the processes that keep a file locked for themselves; none where the system does not tell.

    Linux lists all locks in one place. To ask for those of one file would mean to open it, and to close it again would
    drop the locks that this process holds on it.
    """
    files = set()
    for each in (path, f"{path}-shm"):
        try:
            found = os.stat(each)
        except OSError:
            continue
        files.add(f"{os.major(found.st_dev):02x}:{os.minor(found.st_dev):02x}:{found.st_ino}")
    try:
        lines = _LOCKS.read_text("ascii").splitlines()
    except OSError:
        return ()
    # As in "1: POSIX  ADVISORY  WRITE 4711 fe:00:2361676 120 120"; who waits has an arrow before POSIX.
    locks = [line.split() for line in lines]
    held = {int(each[4]) for each in locks if len(each) == 8 and each[3] == "WRITE" and each[5] in files}
    return tuple(sorted(held - {os.getpid()}))
