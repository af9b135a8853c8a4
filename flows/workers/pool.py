"""An asyncio pool of killable, memory-limited worker processes for hostile input, built on pebble."""

import asyncio
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import BrokenExecutor, Future
from contextlib import contextmanager
from multiprocessing.context import SpawnContext, SpawnProcess
from types import ModuleType, TracebackType
from typing import Any, ClassVar, Self, TypeVar

from pebble import ProcessExpired, ProcessPool

from flows.workers._letter import Letter
from flows.workers.process import OUT_OF_MEMORY, Setup, begin, run
from models.errors import WorkerKilled, WorkersFailed

MAX_WORKERS = 4
MEMORY_BYTES = 1_500_000_000

# A process that is late by more than this in starting or dying will not come.
_START_S = 60.0
_LOOK_AGAIN_S = 1.0
_TRIES = 5  # a call takes, where processes die that did nothing wrong: somebody kills them

Result = TypeVar("Result")


class JobPool:
    """A pool of processes, alive within its context: `async with JobPool(set_topics, topics) as pool`.

    The initializer is called once in every process before its first call. The processes start with the first call: a
    night that brings nothing new needs none.
    """

    def __init__(
        self,
        initializer: Callable[..., object] | None = None,
        *arguments: object,
        processes: int | None = None,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._count = processes or min(os.cpu_count() or 1, MAX_WORKERS)
        self._setup = Setup(memory_bytes, initializer, arguments)
        self._letter: Letter | None = None
        self._pool: ProcessPool | None = None
        self._is_open = False
        self._starting = threading.Lock()
        # A call waits here, not in the pool: there a full pipe would block the pool's own thread.
        self._free = asyncio.Semaphore(self._count)

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nothing is awaited here, so that no second interrupt can leave processes behind; it takes 0.2 s.
        self._is_open = False
        with self._starting:  # a pool that is on its way is ended too
            pool, self._pool = self._pool, None
            letter, self._letter = self._letter, None
        if pool:
            _end(pool)
        if letter:
            letter.close()

    async def call(self, function: Callable[..., Result], *arguments: object, timeout_s: float) -> Result:
        """Run the function of a module in a worker; the time spent waiting for one does not count.

        Raises WorkerKilled where it ran out of time or memory or took its process down, WorkersFailed where none can
        start, else what the function raised. A cancelled call ends its process.
        """
        async with self._free:
            tries_left = _TRIES
            while True:
                tries_left -= 1
                try:
                    return await self._try(function, arguments, timeout_s)
                except BrokenExecutor as error:
                    # A process died while idle, by the kernel's hand: pebble then gives up the whole pool.
                    if not tries_left:
                        raise WorkersFailed("The processes that parse cannot start: they end at once.") from error
                except WorkerKilled as error:
                    if not (tries_left and _is_from_outside(error)):
                        raise

    async def _try(self, function: Callable[..., Result], arguments: tuple[object, ...], timeout_s: float) -> Result:
        pool = await self._living_pool()
        try:
            return await _outcome(pool, function, arguments, timeout_s)
        except BrokenExecutor:
            self._forget(pool)
            raise

    async def _living_pool(self) -> ProcessPool:
        """Return the pool, started if need be: in a thread, as a process that starts keeps its parent waiting."""
        pool = self._pool
        if pool is not None and pool.active:
            return pool
        return await asyncio.to_thread(self._start_pool)

    def _start_pool(self) -> ProcessPool:
        with self._starting:
            if self._pool is not None and not self._pool.active:
                self._forget(self._pool)
            if not self._is_open:
                raise RuntimeError("the workers have ended, or were never started")
            if self._pool is None:
                self._pool = self._new_pool()
            return self._pool

    def _forget(self, pool: ProcessPool) -> None:
        if self._pool is pool:
            self._pool = None
            _end(pool)

    def _new_pool(self) -> ProcessPool:
        self._letter = self._letter or Letter(self._setup)
        pool = ProcessPool(max_workers=self._count, initializer=begin, initargs=(self._letter,), context=_BareContext())
        if not pool.active:  # asking starts it
            _end(pool)
            raise BrokenExecutor("the worker processes could not be started")
        return pool


async def _outcome(
    pool: ProcessPool, function: Callable[..., Result], arguments: tuple[object, ...], timeout_s: float
) -> Result:
    try:
        future = pool.schedule(run, args=(function, *arguments), timeout=timeout_s)
    except RuntimeError as error:  # a process died since it was looked at, and pebble gave up the pool
        raise BrokenExecutor("the pool takes no call") from error
    # A partial is named for what it calls.
    name = getattr(getattr(function, "func", function), "__name__", repr(function))
    try:
        result: Result = await _watched(future, pool, timeout_s + _START_S)
    except ProcessExpired as error:
        raise WorkerKilled(f"{name} {_cause_of_death(error.exitcode)}") from error
    except TimeoutError as error:
        cause = future.exception()
        if cause and cause.__cause__:  # raised by the function itself, its traceback came along
            raise
        raise WorkerKilled(f"{name} ran over its {timeout_s:g} s") from error
    return result


async def _watched(future: Future[Result], pool: ProcessPool, wait_s: float) -> Result:
    """Wait for the future, and not for ever: a pool that broke at the wrong moment forgets its calls."""
    clock = asyncio.get_running_loop().time
    give_up_at = clock() + wait_s
    waiting = asyncio.wrap_future(future)
    try:
        while not waiting.done():
            await asyncio.wait({waiting}, timeout=_LOOK_AGAIN_S)
            if not waiting.done() and (not pool.active or clock() > give_up_at):
                raise BrokenExecutor("the pool lost the call")
        return waiting.result()
    finally:
        waiting.cancel()


def _end(pool: ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


def _is_from_outside(error: WorkerKilled) -> bool:
    """Tell whether a process fell by a kill -9, the kernel's or a person's: the same call may well succeed."""
    cause = error.__cause__
    return isinstance(cause, ProcessExpired) and cause.exitcode == -signal.SIGKILL


def _cause_of_death(exit_code: int) -> str:
    if exit_code == OUT_OF_MEMORY:
        return "ran out of memory"
    return f"took its process down (signal {-exit_code})" if exit_code < 0 else f"ended its process ({exit_code})"


class _BareProcess(SpawnProcess):
    """A process that does not run its parent's main module again, which would import Prefect and everything else."""

    @staticmethod
    def _Popen(process_obj: Any) -> Any:  # noqa: ANN401, N802 (multiprocessing's own hook)
        with _MAIN_LOCK, _main_set_aside(), _interrupts_held():
            return SpawnProcess._Popen(process_obj)  # noqa: SLF001 (the hook's own base)


class _BareContext(SpawnContext):
    """The spawn start method with bare processes; pebble starts all of its processes by it, later ones too."""

    Process: ClassVar[type[SpawnProcess]] = _BareProcess


_MAIN_LOCK = threading.Lock()


@contextmanager
def _main_set_aside() -> Iterator[None]:
    """Show multiprocessing a main module without origin; for other threads it holds all that the real one does."""
    main = sys.modules["__main__"]
    bare = ModuleType("__main__")
    bare.__dict__.update(vars(main) | {"__spec__": None, "__file__": None})
    sys.modules["__main__"] = bare
    try:
        yield
    finally:
        sys.modules["__main__"] = main


@contextmanager
def _interrupts_held() -> Iterator[None]:
    """Let the child inherit a held SIGINT: Ctrl-C is the parent's to answer, also while the child starts."""
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, held)
