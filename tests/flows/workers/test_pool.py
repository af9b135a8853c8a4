"""Processes that can be killed: what they return, their limits, and that none outlives its context.

The functions called are Python's own: a worker can import them whatever the tests were started from.
"""

import asyncio
import builtins
import json
import operator
import os
import re
import resource
import sys
from contextlib import contextmanager

import pytest
from lxml import etree

from flows.workers.pool import JobPool
from models.errors import Bug, WorkerKilled, WorkersFailed
from tests.processes import HANG

SCARCE_BYTES = 400_000_000


async def test_call_returns_what_the_function_returns(workers):
    """A result comes back from another process."""
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3
    assert await workers.call(os.getpid, timeout_s=60) != os.getpid()


async def test_the_time_without_work_is_told(workers):
    """While anything is asked of the processes, or waits for one, none of it passes."""
    before = workers.idle_s
    hung = asyncio.create_task(workers.call(eval, HANG, timeout_s=600))
    await asyncio.sleep(0)  # now it has begun
    at_work = workers.idle_s
    assert workers.idle_s == at_work >= before
    hung.cancel()
    await asyncio.gather(hung, return_exceptions=True)
    assert at_work <= workers.idle_s


async def test_initializer_runs_once_a_process(workers):
    """Topics reach a worker once, whatever the number of calls."""
    for _ in range(3):
        told = await workers.call(eval, "__import__('sys').starts, __import__('sys').topics", timeout_s=60)
        assert told == (1, "coal, wind")


async def test_errors_of_the_function_are_its_own(workers):
    """What the function raises is raised here, of the same class and with the same text."""
    with pytest.raises(json.JSONDecodeError, match="Expecting value: line 1 column 2"):
        await workers.call(json.loads, "[", timeout_s=60)


async def test_a_timeout_of_the_function_is_its_own(workers):
    """A TimeoutError that the function raised is not taken for a killed worker."""
    with pytest.raises(TimeoutError, match="its own"):
        await workers.call(exec, "raise TimeoutError('its own')", timeout_s=60)


async def test_an_error_that_cannot_travel_is_told(workers):
    """An exception that cannot be rebuilt here becomes a Bug with its name, and the pool lives on."""
    with pytest.raises(Bug, match="XMLSyntaxError"):
        await workers.call(etree.fromstring, b"<a>", timeout_s=60)
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3


async def test_a_hang_within_c_is_killed(workers):
    """A pattern that never ends, and never lets Python run, is ended by its timeout; the next call works."""
    with pytest.raises(WorkerKilled, match=r"match ran over its 0\.2 s"):
        await workers.call(re.match, r"(a+)+$", "a" * 60 + "b", timeout_s=0.2)
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3


@pytest.mark.skipif(sys.platform == "darwin", reason="Darwin has no usable limit of address space")
async def test_memory_is_limited():
    """A call that wants more memory than its process may have is told so; the next call works."""
    async with JobPool(processes=1, memory_bytes=SCARCE_BYTES) as workers:
        with pytest.raises(WorkerKilled, match="mul ran out of memory"):
            await workers.call(operator.mul, b"x", SCARCE_BYTES, timeout_s=60)
        assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3


async def test_processes_that_begin_early_are_there_for_the_first_call():
    """They are prepared while nobody has called yet; a context that ends at once leaves none of them."""
    async with JobPool(builtins.exec, "import sys; sys.topics = 'coal, wind'", processes=1) as pool:
        pool.begin()
        assert await pool.call(eval, "__import__('sys').topics", timeout_s=60) == "coal, wind"
    async with JobPool(processes=1) as pool:
        pool.begin()


async def test_a_call_on_its_way_ends_with_the_context(tmp_path):
    """A call that another task has not given up is told that there are no workers any more."""
    os.mkfifo(tmp_path / "started")
    code = f"import re; open({str(tmp_path / 'started')!r}, 'w').close(); {HANG}"
    async with JobPool(processes=1) as workers:
        call = asyncio.create_task(workers.call(exec, code, timeout_s=600))
        await asyncio.to_thread((tmp_path / "started").read_text)
    with pytest.raises(RuntimeError, match="have ended"):
        await call


async def test_more_calls_than_processes_wait_their_turn():
    """Big arguments for few processes neither block the loop nor lose a call; waiting costs no one's timeout."""
    body = b"x" * 2_000_000
    async with JobPool(processes=2) as workers:
        sizes = await asyncio.gather(*(workers.call(len, body, timeout_s=60) for _ in range(12)))
    assert sizes == [len(body)] * 12


async def test_a_call_that_goes_first_waits_for_what_runs_alone(tmp_path):
    """It is answered before those that were called before it and have not begun."""
    os.mkfifo(tmp_path / "running")
    answered = []
    async with JobPool(processes=1) as workers:
        running = workers.call(eval, f"open({str(tmp_path / 'running')!r}).read() or 'running'", timeout_s=600)
        waiting = [workers.call(eval, f"'{what}'", timeout_s=600) for what in ("second", "third")]
        calls = [asyncio.create_task(call) for call in (running, *waiting)]
        file = await asyncio.to_thread((tmp_path / "running").open, "w")  # now it runs, and the others wait
        calls.append(asyncio.create_task(workers.call_first(eval, "'first'", timeout_s=600)))
        await asyncio.sleep(0)  # now it waits too
        for call in calls:
            call.add_done_callback(lambda done: answered.append(done.result()))
        file.close()
        await asyncio.gather(*calls)
    assert answered == ["running", "first", "second", "third"]


async def test_a_cancelled_call_ends_its_process(workers, tmp_path):
    """An interrupted call frees its worker at once, though it hang: the next is served by a new process."""
    os.mkfifo(tmp_path / "started")
    code = f"import os, re; open({str(tmp_path / 'started')!r}, 'w').write(str(os.getpid())); {HANG}"
    call = asyncio.create_task(workers.call(exec, code, timeout_s=600))
    hung = int(await asyncio.to_thread((tmp_path / "started").read_text))
    call.cancel()
    with pytest.raises(asyncio.CancelledError):
        await call
    assert await workers.call(os.getpid, timeout_s=60) != hung


async def test_processes_end_with_their_context():
    """However the context ends, no process is left and none can be called."""
    workers, seen = JobPool(processes=1), []

    async def night() -> None:
        async with workers:
            seen.append(await workers.call(os.getpid, timeout_s=60))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await night()
    with pytest.raises(ProcessLookupError):
        os.kill(seen[0], 0)
    with pytest.raises(RuntimeError, match="have ended"):
        await workers.call(os.getpid, timeout_s=60)


async def test_processes_that_rest_are_gone_until_the_next_call():
    """That call finds others, prepared as the first ones were."""
    async with JobPool(eval, "setattr(__import__('sys'), 'topics', 'coal')", processes=1) as workers:
        first = await workers.call(os.getpid, timeout_s=60)
        workers.rest()
        with pytest.raises(ProcessLookupError):
            os.kill(first, 0)
        assert await workers.call(eval, "__import__('sys').topics", timeout_s=60) == "coal"
        workers.rest()
        workers.rest()  # it may, where there is none


@pytest.mark.parametrize(
    ("code", "told"),
    [("raise SystemExit(5)", "cannot start: they end at once"), ("1 / 0", "cannot start: ZeroDivisionError: division")],
    ids=["ends the process", "raises"],
)
async def test_an_initializer_that_fails_is_loud(code, told):
    """Workers that cannot start do not start for ever: each call says so and why, however much it would hand over."""
    async with JobPool(builtins.exec, code, processes=2) as workers:
        calls = [workers.call(len, b"x" * 2_000_000, timeout_s=60) for _ in range(3)]
        for error in await asyncio.gather(*calls, return_exceptions=True):
            assert isinstance(error, WorkersFailed)
            assert told in str(error)


async def test_no_file_left_is_told_and_ends_nobody_elses_call(tmp_path):
    """A process at its limit of open files says so; the worker that is at a call finishes it."""
    for name in ("started", "go on"):
        os.mkfifo(tmp_path / name)
    code = f"open({str(tmp_path / 'started')!r}, 'w').close(); open({str(tmp_path / 'go on')!r}).read()"
    async with JobPool(processes=2) as workers:
        call = asyncio.create_task(workers.call(exec, code, timeout_s=600))
        await asyncio.to_thread((tmp_path / "started").read_text)
        with _no_file_left(), pytest.raises(WorkersFailed, match="cannot start: Too many open files"):
            await workers.call(operator.add, 1, 2, timeout_s=60)
        assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3
        await asyncio.to_thread((tmp_path / "go on").write_text, "")
        await call


@contextmanager
def _no_file_left():
    _, hard = limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    spare = os.open(os.devnull, os.O_RDONLY)
    resource.setrlimit(resource.RLIMIT_NOFILE, (spare, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
        os.close(spare)
