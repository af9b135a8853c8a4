"""What a worker's process has of its parent's: no main module, no folder, and no longer life."""

import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import flows
from tests.processes import HANG, PATIENCE_S

ROOT = Path(flows.__file__).parents[1]

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


# A shell has what it runs in the background ignore interrupts, and so would all that the tests start there.
ORPHANS = """
import sys
sys.path.insert(0, {root!r})
import asyncio
import signal
from flows.workers.pool import JobPool

signal.signal(signal.SIGINT, signal.default_int_handler)

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
