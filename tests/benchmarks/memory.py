"""How much memory a process holds at most, with all its descendants."""

import subprocess
import time
from pathlib import Path
from typing import Any

_LOOK_EVERY_S = 0.1


def peak_megabytes(process: "subprocess.Popen[Any]") -> float:
    """Watch a process with its descendants until it ends; 0 where the system has no /proc."""
    peak = 0.0
    while process.poll() is None:
        peak = max(peak, sum(map(_resident_megabytes, _tree(process.pid))))
        time.sleep(_LOOK_EVERY_S)
    return peak


def _tree(root: int) -> set[int]:
    parents = {int(path.name): _parent(path) for path in Path("/proc").glob("[0-9]*")}
    tree = {root}
    while found := {pid for pid, parent in parents.items() if parent in tree} - tree:
        tree |= found
    return tree


def _parent(process: Path) -> int:
    fields = _read(process / "stat").rpartition(")")[2].split()
    return int(fields[1]) if fields else 0


def _resident_megabytes(pid: int) -> float:
    """Read what a process holds; pages that it shares with its relatives count once among them."""
    lines = _read(Path(f"/proc/{pid}/smaps_rollup")).splitlines()
    return next((int(line.split()[1]) / 1000 for line in lines if line.startswith("Pss:")), 0.0)


def _read(path: Path) -> str:
    try:
        return path.read_text("utf-8", "replace")
    except OSError:  # it has ended meanwhile
        return ""
