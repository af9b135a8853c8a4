"""The process that workers are forked from: it has imported, and been told, what all of them need, once.

It has one thread, holds no database and touches no document. It ends when its parent closes the control socket or is
gone. Run by `flows.workers.forking`, which knows the other half of what is said here.
"""

import gc
import os
import pickle
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from typing import Any, Final, NoReturn

from flows.workers.frames import LENGTH, receive
from flows.workers.process import Setup, work

FORK: Final = b"f"  # with the worker's two files; answered by its process id
WAIT: Final = b"w"  # and a process id; answered by its status, as os.waitpid has it
UNKNOWN: Final = 0xFFFF_FFFF  # the status of a process that does not end

_STUBBORN_S: Final = 5.0
_LOOK_AGAIN_S: Final = 0.002
_alive: Final[set[int]] = set()  # workers that were forked and not waited for


def main(control_fd: int, preload: str, early: tuple[Any, ...] = ()) -> NoReturn:
    """Serve one parent over an inherited socket, then end."""
    gc.disable()  # until there are workers: of what is loaded nothing is garbage
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    with socket.socket(fileno=control_fd) as control:
        module = import_module(preload)
        if early:
            getattr(module, early[0])(*early[1:])
        try:
            setup: Setup = pickle.loads(receive(control))  # noqa: S301 (our parent's own bytes)
            trouble = _prepared(setup)
            gc.freeze()  # what workers share is not copied by a collection, and none looks through it
            gc.enable()
            _serve(control, setup.memory_bytes, trouble)
        except (EOFError, ConnectionError):  # the parent has no more need of it, or is gone
            pass
    _end_all()
    os._exit(0)


def _prepared(setup: Setup) -> str | None:
    """Run the caller's initializer; return its error, which every call is to tell of."""
    try:
        setup.initializer(*setup.arguments)
    except Exception as error:  # noqa: BLE001 (whatever it is, a call raises it in the parent)
        return f"{type(error).__name__}: {error}"
    return None


def _serve(control: socket.socket, memory_bytes: int, trouble: str | None) -> None:
    while True:
        request, files, _, _ = socket.recv_fds(control, len(WAIT) + LENGTH.size, 2)
        if not request:
            return
        if request == FORK:
            answer = os.fork()
            if not answer:
                control.close()
                _work(files, memory_bytes, trouble)
            _alive.add(answer)
            for file in files:
                os.close(file)
        else:
            answer = _status_of(LENGTH.unpack(request[len(WAIT) :])[0])
        control.sendall(LENGTH.pack(answer))


def _work(files: list[int], memory_bytes: int, trouble: str | None) -> NoReturn:
    status = 1
    try:
        connection, sentinel = files
        # Left open: where the parent saw it close, it might kill this process before its status is known.
        calls = socket.socket(fileno=connection)
        status = work(calls, sentinel, memory_bytes, trouble)
    except BaseException:  # noqa: BLE001 (nothing of it may run on as a second server)
        sys.excepthook(*sys.exc_info())
    finally:
        os._exit(status)


def _status_of(number: int) -> int:
    """Wait for a process that is ending, and not for ever: one may be stuck in the kernel."""
    give_up_at = time.monotonic() + _STUBBORN_S
    with suppress(ChildProcessError):  # a library that the initializer called waited for all children
        while time.monotonic() < give_up_at:
            found, status = os.waitpid(number, os.WNOHANG)
            if found:
                _alive.discard(number)
                return status
            time.sleep(_LOOK_AGAIN_S)
    return UNKNOWN


def _end_all() -> None:
    """End the last workers, of which the parent may not know yet, and wait for them: so their CPU is counted."""
    for number in _alive:
        os.kill(number, signal.SIGKILL)  # none was waited for: the number is no other process's
    for number in tuple(_alive):
        _status_of(number)
