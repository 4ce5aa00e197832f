"""Asking the fork server for processes, and handling them as one handles `subprocess.Popen`."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

ONE_THREAD = {"OPENBLAS_NUM_THREADS": "1"}
"""numpy's and scipy's OpenBLAS start a thread a core when they are imported, and figures would depend on how many."""
_NO_THREAD = {**ONE_THREAD, "JE_ARROW_MALLOC_CONF": "background_thread:false"}  # pyarrow's jemalloc starts one as well
EXECUTION = ("papermill", "ipykernel.kernelapp")
"""What executing a notebook imports, whatever stands in it."""


class Forked:
    """A child of the fork server: what `subprocess.Popen` is to a child of one's own."""

    stdin = stdout = stderr = None

    def __init__(self, connection: socket.socket, pid: int) -> None:
        self._connection, self.pid = connection, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Its exit code, or nothing as long as it runs."""
        return self._receive(0.0)

    def wait(self, timeout: float | None = None) -> int | None:
        """Its exit code once it has ended; nothing when it has not within so many seconds."""
        return self._receive(timeout)

    def send_signal(self, signum: int) -> None:
        """Send a signal to it and to the processes of its group."""
        if self.poll() is None:
            with suppress(OSError):  # it ended just now
                self._connection.send(bytes([signum]))

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def _receive(self, seconds: float | None) -> int | None:
        if self.returncode is not None:
            return self.returncode
        self._connection.settimeout(seconds)
        try:
            said = self._connection.recv(64)
        except (TimeoutError, BlockingIOError):
            return None
        except ConnectionError:
            said = b""
        self.returncode = int(said) if said else -signal.SIGKILL  # without the server it ends, too
        self._connection.close()
        return self.returncode


@dataclass(frozen=True)
class Forks:
    """Where the fork server listens: a socket in a folder that nobody else can enter."""

    address: str

    def start(
        self,
        module: str,
        arguments: Sequence[str] = (),
        *,
        environment: Mapping[str, str],
        folder: Path,
        files: tuple[int, int, int],
    ) -> Forked:
        """Do in a forked child what ``python -m module arguments`` does.

        Parameters
        ----------
        environment : all of its environment. folder : where it stands.
        files : descriptors of its standard input, output and error; they stay open here.

        Raises
        ------
        OSError : the server does not fork, or is gone: the process is to be started the ordinary way.
        """
        order = {
            "module": module,
            "arguments": list(arguments),
            "environment": dict(environment),
            "folder": os.path.abspath(folder),  # noqa: PTH100  the working directory may be reached by a link
        }
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            connection.connect(self.address)
            socket.send_fds(connection, [json.dumps(order).encode()], files)
            answer = connection.recv(64)
            if not answer:
                raise ConnectionRefusedError("the fork server does not fork")
        except OSError:
            connection.close()
            raise
        return Forked(connection, int(answer))


@contextmanager
def forking(modules: Iterable[str], *, environment: Mapping[str, str], folder: Path) -> Iterator[Forks | None]:
    """A fork server that has imported the modules, for as long as this lasts; nothing where there is none.

    It imports while the caller goes on: the first process that is asked of it waits for that. Whatever was forked ends
    with it.

    Parameters
    ----------
    environment : what modules see while they are imported. folder : where they are looked for first.
    """
    if sys.platform != "linux":
        yield None
        return
    with tempfile.TemporaryDirectory(prefix="bizlab-", dir="/tmp") as place:  # a socket's path is short
        address = f"{place}/forks"
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener:
            listener.bind(address)
            listener.listen()
            server = subprocess.Popen(
                [sys.executable, "-m", "bizlab.run.kernels.server"],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**environment, **_NO_THREAD},
                cwd=folder,
                pass_fds=[listener.fileno()],
                start_new_session=True,
            )
            order = {"listener": listener.fileno(), "modules": [*EXECUTION, *modules]}
        with server:
            if server.stdin:
                server.stdin.write(json.dumps(order).encode() + b"\n")
                server.stdin.flush()
            yield Forks(address)
