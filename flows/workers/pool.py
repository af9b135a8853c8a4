"""An asyncio pool of killable, memory-limited worker processes for hostile input, forked from one that is prepared."""

import asyncio
import os
import pickle
import signal
import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self, TypeVar

from flows.workers.forking import ForkServer, Worker, server_for
from flows.workers.frames import LENGTH, framed
from flows.workers.process import OUT_OF_MEMORY, Answer, Setup, nothing
from models.errors import WorkerKilled, WorkersFailed

MAX_WORKERS: Final = 4
MEMORY_BYTES: Final = 1_500_000_000

_TRIES: Final = 5  # a call takes, where processes die that did nothing wrong: somebody kills them

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

    async def __aenter__(self) -> Self:
        self._is_open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Nothing is awaited here, so that no second interrupt can leave processes behind.
        self._is_open = False
        with self._starting:  # processes that are on their way are ended too
            server, self._server = self._server, None
            if server:
                self._end_all(server)

    def begin(self) -> None:
        """Start to prepare, in a thread: the first call finds it done."""
        threading.Thread(target=self._begin, name="workers-begin", daemon=True).start()

    async def call(self, function: Callable[..., Result], *arguments: object, timeout_s: float) -> Result:
        """Run the function of a module in a worker; the time spent waiting for one does not count.

        Raises WorkerKilled where it ran out of time or memory or took its process down, WorkersFailed where none can
        start, else what the function raised. A cancelled call ends its process.
        """
        # A partial is named for what it calls.
        name = getattr(getattr(function, "func", function), "__name__", repr(function))
        message = framed(pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL))
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
                result: Result = answer.value
                return result

    async def _worker(self, tries_left: int) -> Worker | None:
        """Return a process that is free, started if need be; None where it could not be, and may yet."""
        try:
            while not self._idle:
                await asyncio.to_thread(self._fork)
        except (OSError, EOFError) as error:
            if not tries_left:
                raise WorkersFailed("The processes that parse cannot start: they end at once.") from error
            return None
        return self._idle.pop()

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
        exit_code = self._server.kill(worker) if self._server else None
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
            self._server.tell(self._setup)
            return self._server

    def _fork(self) -> None:
        """Start a worker and put it among the idle ones: the call that wanted it may be cancelled by then."""
        server = None
        try:
            server = self._prepared()
            worker = server.fork()
        except (OSError, EOFError):
            self._forget(server)
            raise
        with self._starting:
            if self._server is server:
                self._idle.append(worker)
            else:  # the pool or its server has ended meanwhile, and the worker with it
                worker.close()

    def _forget(self, server: ForkServer | None) -> None:
        """Give up a server that somebody has killed, and the workers that wait for work."""
        with self._starting:
            if server is not None and self._server is not server:
                return  # somebody else has
            server, self._server = self._server, None
            self._let_go()
            if server:
                server.close()

    def _end_all(self, server: ForkServer) -> None:
        for worker in (*self._idle, *self._busy):
            server.kill(worker)
        self._let_go()
        server.close()

    def _let_go(self) -> None:
        while self._idle:
            self._idle.pop().close()


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
        # By a kill -9, the kernel's or a person's, or with the server: the same call may well succeed.
        self.is_from_outside = exit_code is None or exit_code == -signal.SIGKILL
        self.cause = _cause_of_death(exit_code)


def _cause_of_death(exit_code: int | None) -> str:
    if exit_code is None:
        return "lost its process"
    if exit_code == OUT_OF_MEMORY:
        return "ran out of memory"
    return f"took its process down (signal {-exit_code})" if exit_code < 0 else f"ended its process ({exit_code})"
