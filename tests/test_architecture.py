"""The shape of the code that neither import-linter nor ruff holds: whose packages these are, how large a file grows."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

import config
import flows
import models
from tests.processes import PATIENCE_S

ROOT = Path(__file__).parents[1]
PACKAGES = ("config", "flows", "models")
FILES = sorted(path.relative_to(ROOT) for name in PACKAGES for path in (ROOT / name).rglob("*.py"))
MAX_LINES = 300
MAX_FUNCTION_LINES = 40
NAMED_FOR_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "base"}
FREE_OF_PREFECT = (
    *("config/", "models/"),
    *(f"flows/{room}/" for room in ("runs", "ingest", "upkeep", "workers", "steps", "exports", "demo")),
)


@pytest.mark.parametrize("package", [config, flows, models], ids=lambda package: package.__name__)
def test_the_packages_are_ours(package):
    """Their names are common ones, and a dependency may bring its own."""
    assert Path(package.__file__).parents[1] == ROOT


def test_flows_itself_is_empty():
    """Importing a part of flows costs nothing but that part."""
    assert (ROOT / "flows" / "__init__.py").read_text() == ""


@pytest.mark.parametrize("path", FILES, ids=str)
def test_a_file_is_small_and_named_for_what_is_in_it(path):
    """Under 300 lines, no function above 40, no drawer for everything."""
    source = (ROOT / path).read_text(encoding="utf-8")
    assert len(source.splitlines()) < MAX_LINES or path.match("models/migrations/versions/*.py")
    assert path.stem not in NAMED_FOR_NOTHING
    functions = (
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )
    long = [one.name for one in functions if (one.end_lineno or 0) - one.lineno >= MAX_FUNCTION_LINES]
    assert long == [] or path.match("models/migrations/versions/*.py")


def test_prefect_stays_where_it_is():
    """The work itself knows no Prefect: only flows, their tasks and the commands around them do."""
    importing = [path.as_posix() for path in FILES if "prefect" in _imported(path)]
    assert [path for path in importing if path.startswith(FREE_OF_PREFECT)] == []


def test_the_module_is_the_command(tmp_path):
    """`python -m flows` works wherever it is called."""
    done = subprocess.run(
        [sys.executable, "-m", "flows", "--help"],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: climate-archive ")
    assert list(tmp_path.iterdir()) == []


def _imported(path: Path) -> set[str]:
    """Name the packages that a file imports anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse((ROOT / path).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add((node.module or "").partition(".")[0])
    return found
