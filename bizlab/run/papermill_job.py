"""One papermill execution, ordered by a line of JSON on standard input.

Standard input stays open for as long as the run that ordered it lives. When it closes early, the run was killed, and
this process ends as well: it must not go on writing into a folder that the next run may be using.
"""

from __future__ import annotations

import json
import os
import re
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

ORPHANED = 3
_LONGEST = 600
_RULERS = re.compile(r"-{3,}")


def main() -> int:
    """Execute the notebook that standard input orders; what goes wrong is the last line of standard error."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    try:
        with _connection() as connection:
            papermill.execute_notebook(
                **order,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                config=Config({"KernelManager": connection}),
            )
    except PapermillExecutionError as error:
        return _fail(f"cell [{error.exec_count}]: {error.ename}: {error.evalue}")
    except CellTimeoutError as error:
        return _fail(str(error))
    except DeadKernelError:
        return _fail("its kernel died, perhaps for want of memory")
    return 0


@contextmanager
def _connection() -> Iterator[dict[str, str]]:
    """How the kernel is reached: by sockets in a folder of its own, where the system has them.

    A port is chosen some time before the kernel binds it, so that two kernels that start together, or any other
    program, can take it in between.
    """
    if os.name != "posix":
        yield {"transport_encryption": "auto"}
        return
    with tempfile.TemporaryDirectory(prefix="bizlab-", dir="/tmp") as folder:  # a socket's path is short
        yield {"transport": "ipc", "ip": f"{folder}/kernel"}


def _fail(problem: str) -> int:
    words = " ".join(_RULERS.sub(" ", problem).split())
    print(words if len(words) <= _LONGEST else words[:_LONGEST] + " ...", file=sys.stderr)  # noqa: T201
    return 1


def _end_with_the_run() -> None:
    sys.stdin.read()
    os._exit(ORPHANED)


if __name__ == "__main__":
    sys.exit(main())
