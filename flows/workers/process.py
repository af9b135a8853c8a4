"""The side of a worker that runs inside its process. Free of Prefect and settings: every process imports this anew."""

import ctypes
import fcntl
import gc
import multiprocessing
import os
import pickle
import resource
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from flows.workers._letter import Letter
from models.errors import Bug, WorkersFailed

# How a process ends that ran out of memory; told from its exit status, as a message might not fit any more.
OUT_OF_MEMORY = 77

_LARGE_BYTES: Final = 130_000_000  # a little more than a worker holds once it has read its first page

_unready: Final[list[str]] = []  # why this process cannot work, where it cannot


@dataclass(frozen=True, slots=True)
class Setup:
    """What a worker is told once, when it starts."""

    memory_bytes: int
    initializer: Callable[..., object] | None
    arguments: tuple[Any, ...]


def begin(letter: Letter) -> None:
    """Be prepared as a letter says."""
    setup: Setup = letter.read()
    letter.close()
    prepare(setup)


def prepare(setup: Setup) -> None:
    """Make this process limited and mortal, then run the caller's initializer; the next call tells of its error.

    A process that ended instead would be replaced by one that ends as well, and its reason be lost.
    """
    # The pool's own handler runs between bytecodes; a parser that hangs within C never gets there.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _limit_memory(setup.memory_bytes)
    _die_with_parent()
    _unready.clear()
    if setup.initializer:
        try:
            setup.initializer(*setup.arguments)
        except Exception as error:  # noqa: BLE001 (whatever it is, run() raises it in the parent)
            _unready.append(f"{type(error).__name__}: {error}")


def run(function: Callable[..., Any], *arguments: Any) -> Any:  # noqa: ANN401 (hands through whatever the caller's function takes and gives)
    """Call the function; end the process where memory is exhausted, for what is left of it cannot be trusted.

    Raise WorkersFailed where the initializer has failed.
    """
    if _unready:
        raise WorkersFailed(f"The processes that parse cannot start: {_unready[0]}.")
    try:
        return function(*arguments)
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    except Exception as error:
        raise _portable(error) from error
    finally:
        _give_back_memory()


def _give_back_memory() -> None:
    """Return to the system what a large document took, which the allocator would keep, in each worker anew."""
    if _resident_bytes() > _LARGE_BYTES and (trim := _trim()):
        gc.collect()
        trim(0)


@cache
def _trim() -> Callable[[int], int] | None:
    """Return glibc's malloc_trim, where that is the allocator."""
    found: Callable[[int], int] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)
    return found


def _resident_bytes() -> int:
    """Return what this process holds in memory; 0 where the system has no /proc."""
    try:
        return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()
    except OSError:
        return 0


def _portable(error: Exception) -> Exception:
    """Give the error itself if it survives the way to the parent, else one that says the same.

    An exception that cannot be rebuilt there (lxml has such) would take the whole pool down.
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


def _die_with_parent() -> None:
    """Have the kernel end this process when its parent is gone, though it hang within C.

    The parent holds the other end of the sentinel, a pipe in which nothing is ever written: it moves only when the
    parent dies, and the signal that it then sends ends a process that does not handle it.
    """
    parent = multiprocessing.parent_process()
    sentinel = parent.sentinel if parent else None
    if isinstance(sentinel, int):
        fcntl.fcntl(sentinel, fcntl.F_SETOWN, os.getpid())
        fcntl.fcntl(sentinel, fcntl.F_SETFL, fcntl.fcntl(sentinel, fcntl.F_GETFL) | os.O_ASYNC)
        if not parent or not parent.is_alive():  # it died before the line above
            os._exit(1)
