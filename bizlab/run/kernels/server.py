"""The fork server: a process that imports what notebooks import, and forks itself for whoever asks.

It runs no query, no model and no BLAS call and holds one thread only: a lock that another thread holds while a
process forks stays locked in the child for ever. It reads an order from each connection, forks, and answers with the
child's id; later with its exit code. A connection stands for its child: bytes that arrive on it are signals to the
child's group, and when it is closed the child is killed. When standard input closes, the run that started the server
is gone, and all children end with it.
"""

from __future__ import annotations

import atexit
import gc
import json
import os
import runpy
import selectors
import signal
import socket
import sys
import threading
import traceback
from contextlib import suppress
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

_MOST_BYTES = 1 << 20
_STANDARD = (0, 1, 2)


@dataclass(frozen=True)
class Order:
    """What a child does: what ``python -m module arguments`` would do in that environment and folder.

    ``files`` are the descriptors that become its standard input, output and error.
    """

    module: str
    arguments: list[str]
    environment: dict[str, str]
    folder: str
    files: list[int]


def main() -> None:
    """Import the modules and serve on the socket that the line on standard input names."""
    os.environ["JPY_PARENT_PID"] = str(os.getpid())  # ipykernel reads whose end to watch for when it is imported
    ordered = json.loads(sys.stdin.readline())
    listener = socket.socket(fileno=ordered["listener"])
    _import(ordered["modules"])
    gc.collect()
    gc.freeze()  # what was imported is for good: collections in a child need not look at it, nor copy its pages
    order = _Server(listener).serve()
    if order is not None:
        _become(order)


def _import(names: list[str]) -> None:
    for name in names:
        with suppress(Exception):  # not a module, or one that fails: the notebook that needs it will say so
            import_module(name)


class _Server:
    def __init__(self, listener: socket.socket) -> None:
        self._listener = listener
        self._children: dict[int, socket.socket] = {}
        self._ended, wake = socket.socketpair()
        wake.setblocking(False)
        self._ended.setblocking(False)
        self._wake = wake
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake.fileno())
        self._selector = selectors.DefaultSelector()
        for file in (sys.stdin.fileno(), listener, self._ended):
            self._selector.register(file, selectors.EVENT_READ)

    def serve(self) -> Order | None:
        """The order of a child, in that child; nothing, in the server, when the run is over."""
        while True:
            for file in [key.fileobj for key, _ in self._selector.select()]:
                if file == sys.stdin.fileno():
                    self._end()
                    return None
                if file is self._listener:
                    order = self._fork()
                    if order is not None:
                        return order
                elif file is self._ended:
                    self._reap()
                else:
                    self._signal(file)

    def _fork(self) -> Order | None:
        connection, _ = self._listener.accept()
        text, files, _, _ = socket.recv_fds(connection, _MOST_BYTES, len(_STANDARD))
        if not text or not _is_single():
            connection.close()
            return None
        pid = os.fork()
        if pid == 0:
            self._forget(connection)
            return Order(**json.loads(text), files=files)
        for file in files:
            os.close(file)
        self._children[pid] = connection
        self._selector.register(connection, selectors.EVENT_READ)
        _say(connection, pid)
        return None

    def _forget(self, connection: socket.socket) -> None:
        """In a child: let go of all that is the server's."""
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        self._selector.close()
        for file in (self._listener, self._ended, self._wake, connection, *self._children.values()):
            file.close()

    def _reap(self) -> None:
        with suppress(BlockingIOError):
            self._ended.recv(_MOST_BYTES)
        with suppress(ChildProcessError):
            while (ended := os.waitpid(-1, os.WNOHANG))[0]:
                connection = self._children.pop(ended[0])
                _say(connection, os.waitstatus_to_exitcode(ended[1]))
                self._close(connection)

    def _signal(self, connection: Any) -> None:
        """Pass on what the connection says; one that says nothing is closed, and its child is killed."""
        pid = next((pid for pid, own in self._children.items() if own is connection), None)
        if pid is None:  # its child was reaped a moment ago
            return
        try:
            signals = connection.recv(_MOST_BYTES)
        except ConnectionError:
            signals = b""
        for signum in signals or [signal.SIGKILL]:
            _signal_group(pid, signum)
        if not signals:
            self._close(connection)

    def _close(self, connection: socket.socket) -> None:
        with suppress(KeyError, ValueError):
            self._selector.unregister(connection)
        connection.close()

    def _end(self) -> None:
        for pid in self._children:
            _signal_group(pid, signal.SIGKILL)


def _is_single() -> bool:
    """Whether this process has one thread, those that libraries start beside Python's own included."""
    return len(list(Path("/proc/self/task").iterdir())) == 1


def _say(connection: socket.socket, number: int) -> None:
    with suppress(OSError):  # nobody listens any more
        connection.send(str(number).encode())


def _signal_group(pid: int, signum: int) -> None:
    try:
        os.killpg(pid, signum)
    except ProcessLookupError:  # it has not come to lead its group yet
        os.kill(pid, signum)


def _become(order: Order) -> None:
    """Be the process that was ordered, as if it had been started by itself."""
    os.setsid()
    for place, file in zip(_STANDARD, order.files, strict=True):
        os.dup2(file, place)
        os.close(file)
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()
    sys.path[0] = order.folder
    sys.argv[1:] = order.arguments
    _leave(_run(order))


def _run(order: Order) -> int:
    """Run the module as the main one; the exit code."""
    try:
        runpy.run_module(order.module, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write(f"{end.code}\n")
        return 1
    except BaseException:  # noqa: BLE001  as the interpreter does: it is told, and the process ends
        traceback.print_exc()
        return 1
    return 0


def _leave(code: int) -> None:
    """End as the interpreter does, but for taking down module by module what was imported.

    That takes three times as long as a small notebook does. Threads are waited for, what was registered for the exit
    is done, and what is not used any more is freed, so that open files are written out: so children of
    `multiprocessing` end, too.
    """
    threading._shutdown()  # type: ignore[attr-defined]
    atexit._run_exitfuncs()
    gc.collect()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


if __name__ == "__main__":
    main()
