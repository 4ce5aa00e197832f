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
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import papermill
from jupyter_client.provisioning.factory import KernelProvisionerFactory
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from bizlab.run.kernels.kernel import NAME

ORPHANED = 3
_LONGEST = 600
_RULERS = re.compile(r"-{3,}")


def main() -> int:
    """Execute the notebook that standard input orders; what goes wrong is the last line of standard error."""
    order: dict[str, Any] = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with_the_run, daemon=True).start()
    limits, problems = order.pop("limits"), list[str]()
    try:
        forks = order.pop("forks")
        with _connection(forks) as connection:
            kernel = {
                "forks": forks,
                "memory_mb": limits["notebook_memory_mb"],
                "on_memory": lambda: problems.append(_met(limits, "notebook_memory_mb", "it held more memory")),
            }
            _provide_kernels()
            papermill.execute_notebook(
                **order,
                kernel_name="python3",
                progress_bar=False,
                log_output=False,
                execution_timeout=limits["cell_seconds"],
                iopub_timeout=limits["iopub_seconds"],
                config=Config({"KernelManager": connection, "NotebookKernel": kernel}),
            )
    except PapermillExecutionError as error:
        return _fail(f"cell [{error.exec_count}]: {error.ename}: {error.evalue}")
    except CellTimeoutError as error:
        waited_for_output = "IOPub" in str(error)
        return _fail(_met(limits, "iopub_seconds" if waited_for_output else "cell_seconds", str(error)))
    except DeadKernelError:
        return _fail(*problems or ["its kernel died, perhaps for want of memory"])
    return 0


def _met(limits: Mapping[str, int], name: str, problem: str) -> str:
    """That a limit was met, which one, and what came of it."""
    return f"it met the limit {name} = {limits[name]}: {problem}"


def _provide_kernels() -> None:
    """Have kernels made by `NotebookKernel`, where bizlab was installed since it has this entry point."""
    provisioners = KernelProvisionerFactory.instance()
    if NAME in provisioners.provisioners:
        provisioners.default_provisioner_name = NAME


@contextmanager
def _connection(forks: str) -> Iterator[dict[str, str]]:
    """How the kernel is reached: by sockets in a folder of its own, where the system has them.

    A port is chosen some time before the kernel binds it, so that two kernels that start together, or any other
    program, can take it in between. A socket's path is short: the folder lies in that of the fork server, which is
    cleared away even when this process is killed, or in the system's.
    """
    if os.name != "posix":
        yield {"transport_encryption": "auto"}
        return
    with tempfile.TemporaryDirectory(prefix="bizlab-", dir=Path(forks).parent if forks else "/tmp") as folder:  # noqa: S108
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
