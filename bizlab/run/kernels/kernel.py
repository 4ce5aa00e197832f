"""A notebook's kernel: forked where there is a fork server, and ended when it holds too much memory.

It is found by jupyter_client under the name `NAME`, as the entry point ``jupyter_client.kernel_provisioners`` of this
package says, and chosen by `bizlab.run.papermill_job` alone: a notebook that is executed by hand, or by papermill
itself, has the kernel that Jupyter gives it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import Any as Anything
from traitlets import Int, Unicode

from bizlab.run.kernels.forks import Forks
from bizlab.run.kernels.memory import held_mb

NAME = "bizlab"


class NotebookKernel(LocalProvisioner):
    """The kernel's process; handled by jupyter_client as one that it started itself."""

    process: Any = None  # a `subprocess.Popen`, or a `Forked`
    forks = Unicode("", config=True, help="Where a fork server listens; empty: the kernel is started by itself.")
    memory_mb = Int(0, config=True, help="Megabytes that it may hold with all processes that it starts; 0: any.")
    on_memory = Anything(lambda: None, config=True, help="Called when it holds more and is about to be killed.")

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Start it: ``python -m ipykernel_launcher -f file`` by fork, anything else by itself."""
        if self.forks and cmd[0] == sys.executable and cmd[1] == "-m":
            try:
                self._fork(cmd[2], cmd[3:], **kwargs)
            except OSError:
                self.log.debug("The kernel is started by itself")
            else:
                return self.connection_info
        return await super().launch_kernel(cmd, **kwargs)

    def _fork(self, module: str, arguments: list[str], **kwargs: Any) -> None:
        with Path(os.devnull).open("rb") as nothing:
            self.process = Forks(self.forks).start(
                module,
                arguments,
                environment=kwargs["env"],
                folder=Path(kwargs.get("cwd") or "."),
                files=(nothing.fileno(), sys.stdout.fileno(), sys.stderr.fileno()),
            )

    async def poll(self) -> int | None:
        """Its exit code, or nothing as long as it runs; asked every second while a cell is executed."""
        code: int | None = await super().poll()
        if code is None and self.memory_mb and held_mb(self.process.pid) > self.memory_mb:
            self.on_memory()
            self.process.kill()
            code = self.process.wait()
        return code
