"""The side of a worker that runs inside its process. Free of Prefect and settings."""

import fcntl
import os
import pickle
import resource
import select
import socket
import sys
import traceback
from collections.abc import Callable
from typing import Any

from msgspec import Struct

from flows.workers.frames import framed, receive
from flows.workers.memory import Held
from models.errors import Bug, WorkersFailed

# How a process ends that ran out of memory; told from its exit status, as a message might not fit any more.
OUT_OF_MEMORY = 77


def nothing() -> None:
    """Prepare nothing: the initializer of workers that need none."""


class Setup(Struct, frozen=True):
    """What workers are told once, before the first of them starts."""

    memory_bytes: int
    initializer: Callable[..., object] = nothing
    arguments: tuple[Any, ...] = ()


class Answer(Struct, frozen=True):
    """What came of a call: a value, or an error with its traceback."""

    value: Any = None
    error: Exception | None = None
    trace: str = ""


def work(calls: socket.socket, sentinel: int, memory_bytes: int, trouble: str | None) -> int:
    """Answer calls until the parent closes the socket; return the exit status. Trouble is what each answer tells of."""
    _limit_memory(memory_bytes)
    _die_with_parent(sentinel)
    held = Held()
    try:
        while True:
            calls.sendall(framed(answer(receive(calls), trouble)))
            held.give_back()
    except (EOFError, ConnectionError):
        return 0
    except MemoryError:  # what is left of this process cannot be trusted
        return OUT_OF_MEMORY


def answer(call: bytes, trouble: str | None = None) -> bytes:
    """Make a call, a pickled function with its arguments, and return the pickled Answer. Raise MemoryError alone."""
    if trouble:
        return pickle.dumps(Answer(error=WorkersFailed(f"The processes that parse cannot start: {trouble}.")))
    try:
        function, arguments = pickle.loads(call)  # noqa: S301 (our parent's own bytes)
        return pickle.dumps(Answer(function(*arguments)), pickle.HIGHEST_PROTOCOL)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 (whatever it is, it is raised in the parent)
        return pickle.dumps(Answer(error=_portable(error), trace=traceback.format_exc()))


def _portable(error: Exception) -> Exception:
    """Give the error itself if it survives the way to the parent, else one that says the same.

    An exception that cannot be rebuilt there (lxml has such) would be no answer.
    """
    try:
        pickle.loads(pickle.dumps(error))  # noqa: S301 (our own bytes)
    except (pickle.PicklingError, TypeError, AttributeError, ValueError):
        return Bug(f"{type(error).__module__}.{type(error).__qualname__}: {error}")
    return error


def _limit_memory(size_bytes: int) -> None:
    # Darwin accepts no limit below what its shared libraries map; there the kernel's own pressure must do.
    if sys.platform != "darwin":
        resource.setrlimit(resource.RLIMIT_AS, (size_bytes, size_bytes))


def _die_with_parent(sentinel: int) -> None:
    """Have the kernel end this process when its parent is gone, though it hang within C.

    The parent holds the other end of the sentinel, a pipe in which nothing is ever written: it moves only when the
    parent dies, and the signal that it then sends ends a process that does not handle it.
    """
    fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
    if select.select([sentinel], [], [], 0)[0]:  # it died before the line above
        os._exit(1)
