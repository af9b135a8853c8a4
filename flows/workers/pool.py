"""An asyncio pool of killable, memory-limited worker processes for hostile input, forked from one that is prepared."""

import asyncio
import os
import pickle
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import Final, Self, TypeVar, cast

from flows.workers.forking import ForkServer, Worker, server_for
from flows.workers.frames import LENGTH, framed
from flows.workers.process import OUT_OF_MEMORY, Answer, Setup, nothing
from models.errors import WorkerKilled, WorkersFailed

MAX_WORKERS: Final = 4
MEMORY_BYTES: Final = 1_500_000_000

_GONE: Final = (EOFError, ConnectionError)  # how a process shows that it has ended; another OSError is this process's
_TRIES: Final = 5  # a call takes, where processes die that did nothing wrong: somebody kills them

_FROM_OUTSIDE: Final = frozenset({signal.SIGKILL, signal.SIGTERM, signal.SIGINT, signal.SIGHUP})

Result = TypeVar("Result")


class JobPool:
    """A pool of processes, alive within its context: `async with JobPool(set_topics, topics) as pool`.

    The initializer is called once, in the process that all others are forked from. The processes start with the first
    call, or when they are told to begin: a night that brings nothing new needs none.
    """

    def __init__(
        self,
        initializer: Callable[..., object] = nothing,
        *arguments: object,
        processes: int | None = None,
        memory_bytes: int = MEMORY_BYTES,
    ) -> None:
        self._count = processes or min(os.cpu_count() or 1, MAX_WORKERS)
        self._setup = Setup(memory_bytes, initializer, arguments)
        self._server: ForkServer | None = None
        self._idle: list[Worker] = []
        self._busy: list[Worker] = []
        self._is_open = False
        self._starting = threading.Lock()
        self._free = asyncio.Semaphore(self._count)
        self._turns = asyncio.Semaphore(self._count)  # of calls that are not to go first
        self._calls = 0
        self._idle_s, self._idle_since = 0.0, time.monotonic()

    @property
    def idle_s(self) -> float:
        """Return how long nothing was asked of it, in all."""
        return self._idle_s + (0.0 if self._calls else time.monotonic() - self._idle_since)

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nothing is awaited here, so that no second interrupt can leave processes behind.
        self._is_open = False
        with self._starting:  # processes that are on their way are ended too
            for worker in (*self._idle, *self._busy):
                worker.kill()
            self._give_up_server()

    def begin(self) -> None:
        """Start to prepare, in a thread: the first call finds it done."""
        threading.Thread(target=self._begin, name="workers-begin", daemon=True).start()

    def rest(self) -> None:
        """End its processes, none of which is at a call, until there is one again."""
        with self._starting:
            self._give_up_server()

    async def call(self, function: Callable[..., Result], *arguments: object, timeout_s: float) -> Result:
        """Run the function of a module in a worker; the time spent waiting for one does not count.

        Raises WorkerKilled where it ran out of time or memory or took its process down, WorkersFailed where none can
        start, else what the function raised. A cancelled call ends its process.
        """
        with self._counted():
            async with self._turns:
                return await self.call_first(function, *arguments, timeout_s=timeout_s)

    async def call_first(self, function: Callable[..., Result], *arguments: object, timeout_s: float) -> Result:
        """Do as call does, once a call that runs has ended: those that wait to begin wait for this one too."""
        # A partial is named for what it calls.
        name = getattr(getattr(function, "func", function), "__name__", repr(function))
        message = framed(pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL))
        with self._counted():
            return cast("Result", await self._answered(message, name, timeout_s))

    @contextmanager
    def _counted(self) -> Iterator[None]:
        self._idle_s = self.idle_s
        self._calls += 1
        try:
            yield
        finally:
            self._calls -= 1
            self._idle_since = time.monotonic()

    async def _answered(self, message: bytes, name: str, timeout_s: float) -> object:
        async with self._free:
            tries_left = _TRIES
            while True:
                tries_left -= 1
                worker = await self._worker(tries_left)
                if worker is None:
                    continue
                try:
                    answer = await self._asked(worker, message, name, timeout_s)
                except _FellError as fell:
                    if not tries_left or not fell.is_from_outside:
                        raise WorkerKilled(f"{name} {fell.cause}") from None
                    continue
                if answer.error is not None:
                    raise answer.error from WorkerTraceback(answer.trace)
                value: object = answer.value
                return value

    async def _worker(self, tries_left: int) -> Worker | None:
        """Return a process that is free, started if need be; None where it could not be, and may yet."""
        try:
            while True:
                with suppress(IndexError):  # another thread takes them back when the server is found to be gone
                    return self._idle.pop()
                await asyncio.to_thread(self._fork)
        except (OSError, EOFError) as error:
            if not tries_left:
                raise WorkersFailed(f"The processes that parse cannot start: {_why(error)}.") from error
            return None

    async def _asked(self, worker: Worker, message: bytes, name: str, timeout_s: float) -> Answer:
        """Have a worker answer; where it does not, its process is ended."""
        self._busy.append(worker)
        try:
            async with asyncio.timeout(timeout_s):
                answer = await _exchange(worker.calls, message)
            self._busy.remove(worker)
            self._idle.append(worker)
        except TimeoutError:
            raise WorkerKilled(f"{name} ran over its {timeout_s:g} s") from None
        except (OSError, EOFError):
            raise _FellError(self._dismiss(worker)) from None
        finally:
            self._dismiss(worker)
        return answer

    def _dismiss(self, worker: Worker) -> int | None:
        """End a worker that is still at a call; return its exit code, where that is known."""
        if worker not in self._busy:
            return None
        self._busy.remove(worker)
        exit_code = worker.kill()
        worker.close()
        return exit_code

    def _begin(self) -> None:
        with suppress(OSError, EOFError, RuntimeError):  # the first call meets them again
            self._prepared()

    def _prepared(self) -> ForkServer:
        with self._starting:
            if not self._is_open:
                raise RuntimeError("the workers have ended, or were never started")
            if self._server is None:
                self._server = server_for(self._setup.initializer.__module__)
            try:
                self._server.tell(self._setup)
            except _GONE:
                self._give_up_server()
                raise
            return self._server

    def _fork(self) -> None:
        """Start a worker and put it among the idle ones: the call that wanted it may be cancelled by then."""
        server = self._prepared()
        try:
            worker = server.fork()
        except (OSError, EOFError) as error:
            if self._is_gone(server, error):
                raise EOFError from error
            raise
        with self._starting:
            if self._server is server:
                self._idle.append(worker)
            else:  # the pool or its server has ended meanwhile, and the worker with it
                worker.close()

    def _is_gone(self, server: ForkServer, error: OSError | EOFError) -> bool:
        """Tell whether an error shows that a server has ended; give it up unless another call has, which closed it."""
        with self._starting:
            if self._server is server and isinstance(error, _GONE):
                self._give_up_server()
            return self._server is not server

    def _give_up_server(self) -> None:
        """End the server, or take note that it is gone, and the workers that wait for work; those at a call go on."""
        server, self._server = self._server, None
        with suppress(IndexError):  # the last was taken
            while True:
                self._idle.pop().close()
        if server:
            server.close()


async def _exchange(calls: socket.socket, message: bytes) -> Answer:
    loop = asyncio.get_running_loop()
    await loop.sock_sendall(calls, message)
    (size,) = LENGTH.unpack(await _received(calls, LENGTH.size))
    answer: Answer = pickle.loads(await _received(calls, size))  # noqa: S301 (our own worker's bytes)
    return answer


async def _received(calls: socket.socket, size: int) -> bytearray:
    found = bytearray(size)
    view, have = memoryview(found), 0
    while have < size:
        count = await asyncio.get_running_loop().sock_recv_into(calls, view[have:])
        if not count:
            raise EOFError
        have += count
    return found


class WorkerTraceback(Exception):
    """Where in a worker an error was raised: the cause of that error as the parent raises it."""

    def __str__(self) -> str:
        """Return the traceback as Python prints it."""
        return f"\n{self.args[0]}"


class _FellError(Exception):
    """A worker's process ended within a call."""

    def __init__(self, exit_code: int | None) -> None:
        super().__init__()
        # By the kernel, a person or the end of the machine, or with the server: the same call may well succeed.
        self.is_from_outside = exit_code is None or -exit_code in _FROM_OUTSIDE
        self.cause = _cause_of_death(exit_code)


def _why(error: OSError | EOFError) -> str:
    """Say why no process starts: what the system refused, or that each ends before it answers."""
    return "they end at once" if isinstance(error, _GONE) else error.strerror or str(error)


def _cause_of_death(exit_code: int | None) -> str:
    if exit_code is None:
        return "lost its process"
    if exit_code == OUT_OF_MEMORY:
        return "ran out of memory"
    return f"took its process down (signal {-exit_code})" if exit_code < 0 else f"ended its process ({exit_code})"
