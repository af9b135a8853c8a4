"""Processes that die, whoever ends them: which call is told, and which is made again."""

import asyncio
import operator
import os
import re
import signal

import pytest

from flows.workers.pool import JobPool
from models.errors import WorkerKilled
from tests.processes import HANG, PATIENCE_S


@pytest.mark.parametrize(
    ("code", "told"),
    [("import os; os._exit(3)", r"ended its process \(3\)"), ("import os; os.kill(os.getpid(), 9)", r"\(signal 9\)")],
    ids=["exit", "signal"],
)
async def test_a_process_that_falls_is_replaced(workers, code, told):
    """A call that takes its process down is told how; the next call works."""
    with pytest.raises(WorkerKilled, match=told):
        await workers.call(exec, code, timeout_s=60)
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3


async def test_a_process_that_dies_idle_is_replaced(workers):
    """The kernel may take an idle worker: the next call does not notice."""
    os.kill(await workers.call(os.getpid, timeout_s=60), signal.SIGKILL)
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3


async def test_the_process_that_others_are_forked_from_is_replaced(workers):
    """The kernel may take that one too: what works goes on, and what must start finds a new one."""
    server = await workers.call(os.getppid, timeout_s=60)
    os.kill(server, signal.SIGKILL)
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3
    with pytest.raises(WorkerKilled, match=r"match ran over its 0\.2 s"):
        await workers.call(re.match, r"(a+)+$", "a" * 60 + "b", timeout_s=0.2)
    assert await workers.call(os.getppid, timeout_s=60) != server


async def test_a_call_whose_process_falls_with_all_others_is_repeated(workers, tmp_path):
    """Somebody who kills all processes at once costs time, and no call."""
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'x'); import os; os.kill(os.getppid(), 9); os.kill(os.getpid(), 9)"
    assert await workers.call(exec, f"if not __import__('os').path.exists({str(mark)!r}): {code}", timeout_s=60) is None
    assert mark.exists()


async def test_a_call_outlives_several_kills(workers, tmp_path):
    """Somebody who kills the processes again and again costs time, and no call."""
    kills = tmp_path / "kills"
    note = f"open({str(kills)!r}, 'a').write('x')"
    code = f"import os; {note}; os.path.getsize({str(kills)!r}) > 4 or os.kill(os.getpid(), 9)"
    assert await workers.call(exec, code, timeout_s=60) is None
    assert kills.stat().st_size == 5


async def test_a_call_whose_process_is_killed_from_outside_is_repeated(workers, tmp_path):
    """The kernel may take a busy worker when memory is short, which says nothing about the document."""
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'x') and __import__('os').kill(__import__('os').getpid(), 9)"
    assert await workers.call(eval, f"__import__('pathlib').Path({str(mark)!r}).exists() or {code}", timeout_s=60)


async def test_a_call_outlives_the_process_its_own_was_forked_from(tmp_path):
    """A worker at a call goes on without its server; that another server is there by then ends no other process."""
    for name in ("started", "go on"):
        os.mkfifo(tmp_path / name)
    code = f"import os; open({str(tmp_path / 'started')!r}, 'w').close(); open({str(tmp_path / 'go on')!r}).read()"
    async with JobPool(processes=2) as workers:
        server = await workers.call(os.getppid, timeout_s=60)
        call = asyncio.create_task(workers.call(exec, code, timeout_s=600))
        await asyncio.to_thread((tmp_path / "started").read_text)
        os.kill(server, signal.SIGKILL)
        assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3
        with pytest.raises(WorkerKilled, match=r"match ran over its 0\.2 s"):
            await workers.call(re.match, r"(a+)+$", "a" * 60 + "b", timeout_s=0.2)
        assert await workers.call(os.getppid, timeout_s=60) != server
        await asyncio.to_thread((tmp_path / "go on").write_text, "")
        await call


async def test_a_call_whose_server_is_gone_ends_with_the_context(tmp_path):
    """Nobody waits for a worker of a server that was killed; it ends with its pool all the same."""
    os.mkfifo(tmp_path / "started")
    code = f"mark = open({str(tmp_path / 'started')!r}, 'w'); print('hangs', file=mark, flush=True); {HANG}"
    async with JobPool(processes=1) as workers:
        server = await workers.call(os.getppid, timeout_s=60)
        call = asyncio.create_task(workers.call(exec, code, timeout_s=600))
        mark = await asyncio.to_thread((tmp_path / "started").open)
        assert await asyncio.to_thread(mark.readline) == "hangs\n"
        os.kill(server, signal.SIGKILL)
    with pytest.raises(RuntimeError, match="have ended"):
        await call
    with mark:  # whose other end the worker holds until it is gone
        assert await asyncio.wait_for(asyncio.to_thread(mark.read), PATIENCE_S) == ""


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP], ids=["ended", "interrupted", "hung up"])
async def test_a_signal_to_the_whole_group_blames_no_document(workers, tmp_path, how):
    """The end of a machine, or of a terminal, reaches the workers too: the call is made again."""
    mark = tmp_path / "mark"
    take_down = f"import os, signal; signal.signal({how:d}, signal.SIG_DFL); os.kill(os.getpid(), {how:d})"
    code = f"if not __import__('os').path.exists({str(mark)!r}): open({str(mark)!r}, 'x'); {take_down}"
    assert await workers.call(exec, code, timeout_s=60) is None
    assert mark.exists()
