"""Processes that can be killed: what they return, how they die, and that none outlives its night.

The functions called are Python's own: a worker can import them whatever the tests were started from.
"""

import asyncio
import builtins
import json
import operator
import os
import re
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from lxml import etree

import flows
from flows.workers.pool import JobPool
from models.errors import Bug, WorkerKilled, WorkersFailed
from tests.processes import PATIENCE_S

ROOT = Path(flows.__file__).parents[1]
SCARCE_BYTES = 400_000_000
HANG = "__import__('re').match(r'(a+)+$', 'a' * 60 + 'b')"
COUNT_STARTS = "import sys; sys.starts = getattr(sys, 'starts', 0) + 1; sys.topics = {0!r}"


@pytest.fixture
async def workers():
    """One process that was told two topics."""
    async with JobPool(builtins.exec, COUNT_STARTS.format("coal, wind"), processes=1) as pool:
        yield pool


async def test_call_returns_what_the_function_returns(workers):
    """A result comes back from another process."""
    assert await workers.call(operator.add, 1, 2, timeout_s=60) == 3
    assert await workers.call(os.getpid, timeout_s=60) != os.getpid()


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


async def test_processes_that_begin_early_are_there_for_the_first_call():
    """They are prepared while nobody has called yet; a context that ends at once leaves none of them."""
    async with JobPool(builtins.exec, COUNT_STARTS.format("coal, wind"), processes=1) as pool:
        pool.begin()
        told = await pool.call(eval, "__import__('sys').starts, __import__('sys').topics", timeout_s=60)
        assert told == (1, "coal, wind")
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


async def test_a_call_outlives_several_kills(workers, tmp_path):
    """Somebody who kills the processes again and again costs time, and no call."""
    kills = tmp_path / "kills"
    note = f"open({str(kills)!r}, 'a').write('x')"
    code = f"import os; {note}; os.path.getsize({str(kills)!r}) > 4 or os.kill(os.getpid(), 9)"
    assert await workers.call(exec, code, timeout_s=60) is None
    assert kills.stat().st_size == 5


async def test_more_calls_than_processes_wait_their_turn():
    """Big arguments for few processes neither block the loop nor lose a call; waiting costs no one's timeout."""
    body = b"x" * 2_000_000
    async with JobPool(processes=2) as workers:
        sizes = await asyncio.gather(*(workers.call(len, body, timeout_s=60) for _ in range(12)))
    assert sizes == [len(body)] * 12


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


async def test_a_call_whose_process_is_killed_from_outside_is_repeated(workers, tmp_path):
    """The kernel may take a busy worker when memory is short, which says nothing about the document."""
    mark = tmp_path / "mark"
    code = f"open({str(mark)!r}, 'x') and __import__('os').kill(__import__('os').getpid(), 9)"
    assert await workers.call(eval, f"__import__('pathlib').Path({str(mark)!r}).exists() or {code}", timeout_s=60)


SCRIPT = """
import sys
sys.path.insert(0, {root!r})
import {heavy}
import asyncio
from flows.workers.pool import JobPool

async def main():
    async with JobPool(processes=1) as workers:
        look = "{heavy!r} in __import__('sys').modules, 'asyncio' in __import__('sys').modules"
        print({heavy!r} in sys.modules, *await workers.call(eval, look, timeout_s=60))

if __name__ == "__main__":
    asyncio.run(main())
"""


@pytest.mark.parametrize(
    ("path", "command"),
    [("night.py", ["night.py"]), ("night.py", ["-m", "night"]), ("night/__main__.py", ["-m", "night"])],
    ids=["run as a script", "run as a module", "run as a package"],
)
def test_workers_do_not_import_their_parents_main(tmp_path, path, command):
    """What the parent's main module imports is in no worker, however it was started; nor is what calling takes."""
    (tmp_path / "heavy.py").touch()
    (tmp_path / path).parent.mkdir(exist_ok=True)
    (tmp_path / path).write_text(SCRIPT.format(root=str(ROOT), heavy="heavy"))
    assert _run(command, tmp_path) == "True False False"


@pytest.mark.system
def test_workers_are_free_of_prefect(tmp_path):
    """A worker of a parent that imported Prefect has no Prefect in it."""
    (tmp_path / "night.py").write_text(SCRIPT.format(root=str(ROOT), heavy="prefect"))
    assert _run(["night.py"], tmp_path) == "True False False"


def test_workers_import_nothing_of_the_folder_they_run_in(tmp_path):
    """A file named as a module of Python's own, in the folder where somebody happens to stand, is not run."""
    (tmp_path / "here").mkdir()
    for name in ("heavy", "pickle", "socket"):
        (tmp_path / "here" / f"{name}.py").write_text("raise SystemExit('of the folder')")
    (tmp_path / "heavy.py").touch()
    (tmp_path / "night.py").write_text(SCRIPT.format(root=str(ROOT), heavy="heavy"))
    assert _run(["../night.py"], tmp_path / "here") == "True False False"


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(
        [sys.executable, *command], cwd=folder, capture_output=True, text=True, timeout=PATIENCE_S, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


STILLBORN = """
import sys
sys.path.insert(0, {root!r})
import asyncio
from flows.workers.pool import JobPool
from models.errors import WorkersFailed

async def main():
    sys.executable = {python!r}
    async with JobPool(len, b"x" * 1_000_000, processes=1) as workers:
        try:
            await workers.call(len, "x", timeout_s=60)
        except WorkersFailed as error:
            print(error)

asyncio.run(main())
"""


def test_a_process_that_dies_at_birth_holds_nobody_up(tmp_path):
    """The kernel may take a worker before it has read what it is told: however much that is, nobody goes on telling."""
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\ncase "$*" in *flows.workers.server*) exit 1 ;; esac\nexec {sys.executable} "$@"\n')
    python.chmod(0o755)
    (tmp_path / "night.py").write_text(STILLBORN.format(root=str(ROOT), python=str(python)))
    assert _run(["night.py"], tmp_path) == "The processes that parse cannot start: they end at once."


ORPHANS = """
import sys
sys.path.insert(0, {root!r})
import asyncio
from flows.workers.pool import JobPool

async def main():
    tell = "import os; print(os.getpid(), flush=True); "
    async with JobPool(processes=2) as workers:
        await asyncio.gather(
            workers.call(exec, tell + {hang!r}, timeout_s=600),
            workers.call(exec, tell, timeout_s=60),
        )

asyncio.run(main())
"""


@pytest.mark.system
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT], ids=["killed", "ended", "interrupted"])
def test_no_worker_outlives_its_parent(tmp_path, how):
    """When the parent is gone its workers go too, the idle one and the one that hangs within C."""
    (tmp_path / "night.py").write_text(ORPHANS.format(root=str(ROOT), hang=HANG))
    command = [sys.executable, "night.py"]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, bufsize=0) as night:
        assert night.stdout
        assert len({night.stdout.readline() for _ in range(2)}) == 2
        night.send_signal(how)
        # The workers hold the other end of the pipe: it is at its end when the last of them is gone.
        assert select.select([night.stdout], [], [], PATIENCE_S)[0]
        assert night.stdout.read() == b""
