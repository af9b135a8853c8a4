"""A command whose standard streams are not what it takes for granted: closed, or with a reader who leaves."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from config.settings import PREFIX
from tests.processes import PATIENCE_S, ROOT, outer_environment

_DRAWS_MUCH = """
import sys
import click
from flows.cli import main
from flows.cli.output.terminal import print_text

@click.command()
def draw():
    from rich.text import Text
    for _ in range(20_000):
        print_text(Text("a line that is drawn " * 4))

sys.modules["drawing"] = sys.modules["__main__"]
main.COMMANDS = {"draw": main.Place("drawing:draw", "")}
sys.argv = ["climate-archive", "draw"]
main.main()
"""


def test_a_reader_who_leaves_what_is_drawn_is_no_error(tmp_path: Path) -> None:
    """Also where rich writes into the pipe, which would end the command as failed."""
    theirs, ours = os.pipe()
    os.close(theirs)
    done = subprocess.run(
        [sys.executable, "-c", _DRAWS_MUCH],
        env=outer_environment() | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        stdout=ours,
        stderr=subprocess.PIPE,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    os.close(ours)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_a_command_works_without_streams(tmp_path: Path, closed: str) -> None:
    """Some schedulers start it so: it does its work, and what it says goes into no file that it has opened."""
    list_of_feeds = tmp_path / "feeds.opml"
    done = subprocess.run(
        ["/bin/sh", "-c", f'exec "$0" -m flows feeds export feeds.opml {closed}', sys.executable],
        env=outer_environment() | {"PYTHONPATH": str(ROOT), f"{PREFIX}HOME": str(tmp_path / "home")},
        cwd=tmp_path,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert done.returncode == 0
    written = list_of_feeds.read_text(encoding="utf-8").strip()
    assert written.startswith("<?xml")
    assert written.endswith("</opml>")
