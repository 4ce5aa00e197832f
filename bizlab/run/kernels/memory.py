"""The memory that a process and all that it started hold.

What is resident is counted, not the address space: DuckDB, Arrow, V8 (which draws the charts) and thread stacks
reserve many times what they use, so that RLIMIT_AS or RLIMIT_DATA would end notebooks that hold little, on one
version of a library and not on the next; and an allocation that a limit refuses inside a library ends the process
without a word. The price: it is looked at every so often, and a quick leap in between is seen after it was made.
"""

from __future__ import annotations

import os
from pathlib import Path

_SESSION, _RESIDENT = 3, 21  # fields of /proc/<pid>/stat after the name of the command


def held_mb(leader: int) -> float:
    """Resident megabytes of all processes in the session that a process leads; 0 where the system does not tell.

    Pages that a forked process shares with its parent count as its own, as they would had it been started by itself.
    """
    pages = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text("utf-8", "replace").rpartition(")")[2].split()
        except OSError:  # it has ended
            continue
        if int(fields[_SESSION]) == leader:
            pages += int(fields[_RESIDENT])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6 if pages else 0.0
