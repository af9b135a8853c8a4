"""The parent's handle on the process that workers are forked from, and on one worker."""

import atexit
import os
import pickle
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from msgspec import Struct

from flows.workers.frames import LENGTH, framed, receive_bytes
from flows.workers.process import Setup
from flows.workers.server import FORK, UNKNOWN, WAIT

# Nothing is imported before the path is this process's own: the folder that it happens to run in is no part of it.
_BOOT: Final = (
    "import sys; sys.path[:] = {path!r}; from flows.workers.server import main; main({control}, {preload!r}, {early!r})"
)


class Worker(Struct):
    """A worker's process: where it is called, the pipe whose closing ends it, and the server it was forked from."""

    number: int  # its process id
    calls: socket.socket
    sentinel: int
    server: "ForkServer"

    def kill(self) -> int | None:
        """End it, if it lives, and return the exit code it ended with; None where nobody knows."""
        exit_code = self.server.kill(self.number)
        self._close_sentinel()  # which ends it also where its server cannot
        return exit_code

    def close(self) -> None:
        """Let go of it; it ends, if it lives."""
        self.calls.close()
        self._close_sentinel()

    def _close_sentinel(self) -> None:
        sentinel, self.sentinel = self.sentinel, -1
        if sentinel >= 0:
            os.close(sentinel)


_early: Final[list["ForkServer"]] = []


def begin_early(preload: str, *early: object) -> None:
    """Start a server for the first pool to come; preload is the module that it imports meanwhile.

    `early` names a function of that module, to be called then, and plain values to call it with. It saves a first night
    half a second: imports and preparations are done beside this process's own.
    """
    if not _early:
        _early.append(ForkServer(preload, *early))
        atexit.register(_end_early)


def server_for(preload: str) -> "ForkServer":
    """Return the server that was begun early, if nobody has it yet; else one that imports this module."""
    return _early.pop() if _early else ForkServer(preload)


def _end_early() -> None:
    while _early:
        _early.pop().close()


class ForkServer:
    """A process that forks workers. All methods but the first block; EOFError and OSError tell that it is gone.

    It starts importing at once, and is told what the workers need with the first of them.
    """

    def __init__(self, preload: str, *early: object) -> None:
        """Start the process; preload is the module that it imports, `early` what begin_early says."""
        self._control, theirs = socket.socketpair()
        self._is_told = False
        self._one_at_a_time = threading.Lock()
        boot = _BOOT.format(path=sys.path, control=theirs.fileno(), preload=preload, early=early)
        with theirs, _interrupts_held():
            command = [sys.executable, "-c", boot]
            self._process = subprocess.Popen(  # noqa: S603 (this very interpreter)
                command, pass_fds=[theirs.fileno()], stdin=subprocess.DEVNULL
            )

    def tell(self, setup: Setup) -> None:
        """Say what workers need; done once, by whoever comes first."""
        with self._one_at_a_time:
            if not self._is_told:
                self._control.sendall(framed(pickle.dumps(setup)))
                self._is_told = True

    def fork(self) -> Worker:
        """Start a worker, once the server is prepared."""
        ours, theirs = socket.socketpair()
        sentinel, held = os.pipe()
        try:
            with self._one_at_a_time:
                socket.send_fds(self._control, [FORK], [theirs.fileno(), sentinel])
                number = self._answer()
        except BaseException:
            ours.close()
            os.close(held)
            raise
        finally:
            theirs.close()
            os.close(sentinel)
        ours.setblocking(False)
        return Worker(number, ours, held, self)

    def kill(self, number: int) -> int | None:
        """Kill a worker of this server, if it lives, and return its exit code; None where nobody knows."""
        try:
            with self._one_at_a_time:
                if self._process.poll() is not None:
                    return None  # its workers are nobody's to wait for: the number may be another process's by now
                # The server has not waited for it yet: its number is no other process's.
                os.kill(number, signal.SIGKILL)
                self._control.sendall(WAIT + LENGTH.pack(number))
                status = self._answer()
        except (OSError, EOFError):
            return None
        return None if status == UNKNOWN else os.waitstatus_to_exitcode(status)

    def close(self) -> None:
        """End the server, whose workers have been ended."""
        self._control.close()
        self._process.wait()

    def _answer(self) -> int:
        number: int = LENGTH.unpack(receive_bytes(self._control, LENGTH.size))[0]
        return number


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let the child inherit a held SIGINT: Ctrl-C is the parent's to answer, also while the child starts."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
