"""`demo`: two nights over the sample site, in a folder of their own."""

import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from config.settings import PREFIX
from tests.flows.demo.readme import TOTALS
from tests.processes import PATIENCE_S, ROOT, outer_environment, run

Call = Callable[..., Any]


def test_the_demo_shows_two_nights(tmp_path: Path) -> None:
    """Exit 0; it shows both nights' reports, the feed that is down, a search, an explained story, and what to do next:
    commands that a shell takes as they stand.

    The settings of the shell are not the demo's: here they name an archive that must stay as it is, and a wrong value.
    """
    mine = tmp_path / "mine"
    environment = {f"{PREFIX}HOME": str(mine), f"{PREFIX}TIMEZONE": "Mars", f"{PREFIX}FEEDS_FILE": "/no/such/file"}
    demo = ("demo", "--direct", "--home", "shown here")
    ended = run(*demo, cwd=tmp_path, environment=environment)
    assert ended.code == 0, ended.err
    assert not mine.exists()
    for name, night in (("Night 1 on http://127.0.0.1:", 0), ("Night 2 on http://127.0.0.1:", 1)):
        part = ended.out.partition(name)[2].partition("$ climate-archive search")[0]
        total = next(line for line in part.splitlines() if line.startswith("total\t")).split("\t")
        assert total[2:4] == [TOTALS["seen"][night], TOTALS["new"][night]]
        assert "polder-bulletin\tfailed\t" in part
        assert "the server answered 503 Service Unavailable" in part
    assert "Coastal adaptation that grows: replanted mangroves halve the surge at Port Merrow" in ended.out
    assert "adaptation (primary)" in ended.out
    assert "  - The 900 hectares of eelgrass lock away about 11,000 tonnes" in ended.out
    assert "  + The 900 hectares of eelgrass lock away about 8,200 tonnes" in ended.out
    assert "Traceback" not in ended.err
    search = next(line for line in ended.out.splitlines() if line.endswith(" search 珊瑚"))
    typed = subprocess.run(
        ["sh", "-c", search],
        cwd=tmp_path,
        env=outer_environment() | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
        check=False,
    )
    assert (typed.returncode, "珊瑚" in typed.stdout) == (0, True), typed.stderr
    again = run("runs", "list", "--json", cwd=tmp_path, environment={f"{PREFIX}HOME": str(tmp_path / "shown here")})
    assert again.out.count('"run_id"') == 2


def test_the_demo_touches_no_archive(command: Call, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder that holds anything but a demo is refused, and stays as it is."""
    before = sorted(home.iterdir())
    answer = command("demo", "--home", home)
    assert (answer.code, answer.out) == (2, "")
    assert "holds something that is no demo: name another folder with --home" in answer.err
    assert sorted(home.iterdir()) == before
