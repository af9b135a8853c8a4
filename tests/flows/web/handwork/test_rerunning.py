"""A person has fetched again what failed in a run: through Prefect where it serves, else as the command would."""

import asyncio
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, ClassVar

import pytest
import yaml
from sqlalchemy import Engine

from config.settings import PREFIX, Secret
from flows.demo.server import DemoSite
from flows.server.secret import CLIENT_SETTING
from flows.server.server import API_SETTING
from models.archive.ledger.runs import name_flow_run
from models.storage.database import write_transaction
from tests.databases import on_one
from tests.flows.web.handwork.conftest import TOKEN, Place, opened, served
from tests.nights import Nights, rows
from tests.processes import PATIENCE_S

pytestmark = on_one
FLOW_RUN = "0d5f3a52-6f0a-4d3e-9f3c-5f2f3a2f7d11"


class _Prefect(BaseHTTPRequestHandler):
    """Answers as Prefect's API does, as far as it is asked."""

    asked: ClassVar[list[Any]] = []
    status: ClassVar[int] = 201
    busy_for: ClassVar[int] = 0  # requests for each of its paths
    met: ClassVar[Counter[str]] = Counter()

    def do_GET(self) -> None:
        """Say that it is there, which deployment it has, and with which token it may be changed."""
        name = self.path.partition("?")[0]
        if name not in {"/api/health", "/api/deployments/name/nightly/nightly", "/api/csrf-token"}:
            self._answer(404, {})
        elif name != "/api/health" and not self.headers["Authorization"]:
            self._answer(401, {})
        else:
            self._answer(200, {"id": "d1", "token": "t1"})

    def do_POST(self) -> None:
        """Take a run."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.asked.append((self.path, self.headers["Prefect-Csrf-Token"], body))
        self._answer(self.status, {"id": FLOW_RUN})

    def log_message(self, *args: object) -> None:
        """Say nothing."""

    def _answer(self, status: int, told: object) -> None:
        path = self.path.partition("?")[0]
        self.met[path] += 1
        if path != "/api/health" and self.met[path] <= self.busy_for:
            status, told = 503, {"exception_message": "Service Unavailable"}
        words = json.dumps(told).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(words)))
        self.end_headers()
        self.wfile.write(words)


@contextmanager
def _prefect(status: int = 201) -> Iterator[str]:
    _Prefect.asked, _Prefect.status, _Prefect.busy_for = [], status, 0
    _Prefect.met.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Prefect) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/api"
        server.shutdown()
        thread.join()


@pytest.fixture
def prefect(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Have a server that serves the archive, as the environment says."""
    with _prefect() as url:
        monkeypatch.setenv(API_SETTING, url)
        monkeypatch.setenv(CLIENT_SETTING, "archive:secret")
        yield url


@pytest.fixture(autouse=True)
def _no_other_prefect(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (API_SETTING, CLIENT_SETTING, "PREFECT_UI_URL"):
        monkeypatch.delenv(name, raising=False)


def _told(visitor: Any) -> str:
    said: str = visitor.soup("/hand").select_one('[role="status"]').get_text()
    return said


def test_prefect_is_asked_where_it_serves(place: Place, prefect: str) -> None:
    """For the failed feeds of that run, with its token; once, however often the form is sent. It is said, and kept."""
    ada = place.ada()
    form = ada.soup("/hand/rerun/latest")
    assert "1 feed gave nothing" in form.get_text()
    assert [one.get_text() for one in form.select("main li")] == ["Two"]
    run = form.select_one("form.hand")["action"].rpartition("/")[2]
    once = form.select_one("input[name=once]")["value"]
    assert ada.post(f"/hand/rerun/{run}", once=once).headers["location"] == "/hand"
    assert FLOW_RUN in _told(ada)
    ((path, token, body),) = _Prefect.asked
    assert (path, token) == ("/api/deployments/d1/create_flow_run", "t1")
    assert body["parameters"] == {"mode": "rerun", "of_run": run}
    assert body["idempotency_key"] == f"rerun-{run}-{once}"
    assert place.acts()[0] == ("Ada", "reran", f"through Prefect: flow run {FLOW_RUN}")
    _Prefect.status = 200  # as Prefect answers where it has one of that key
    ada.post(f"/hand/rerun/{run}", once=once)
    assert "asked for before" in _told(ada)


def test_a_busy_prefect_is_asked_again(place: Place, prefect: str) -> None:
    """It answers 503 while its database is being written; what may have been begun is asked for by the same key."""
    ada = place.ada()
    _Prefect.busy_for = 2
    ada.post("/hand/rerun/latest", once="1")
    assert FLOW_RUN in _told(ada)
    assert [(token, body["idempotency_key"]) for _, token, body in _Prefect.asked] == [("t1", "rerun-3-1")] * 3


@pytest.mark.parametrize("status", [401, 409, 500])
def test_prefect_may_refuse(place: Place, prefect: str, status: int) -> None:
    """Then nothing is begun, by no other way either, and it is said."""
    ada = place.ada()
    _Prefect.status = status
    ada.post("/hand/rerun/latest")
    assert f"began nothing: it answered {status}" in _told(ada)
    assert place.acts()[0][2].startswith(f"not begun: Prefect refused, it answered {status}")
    assert place.desk.reruns.standings() == []


def test_without_prefect_the_command_is_started(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a process of its own, one at a time; how it ended is on the desk, with its last line. It knows no token."""
    ada = place.ada()
    monkeypatch.setenv(f"{PREFIX}FEEDS_FILE", str(place.room.settings.home / "none.yaml"))
    assert ada.post("/hand/rerun/latest").headers["location"] == "/hand"
    assert "No Prefect serves this archive, so `climate-archive rerun 3 --failed` was started" in _told(ada)
    (started,) = place.desk.reruns._started
    assert started.process.wait(PATIENCE_S) == 2
    shown = ada.soup("/hand").select_one("#reruns").parent.get_text()
    assert "by Ada" in shown
    assert "ended with exit code 2" in shown
    assert "none.yaml" in shown
    assert place.acts()[0] == ("Ada", "reran", "as a process: climate-archive rerun 3 --failed")


@pytest.mark.system
def test_the_started_command_makes_a_run(
    demo_site: DemoSite, tmp_path: Path, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It asks the feed that failed once more, on the archive that the pages show, as a rerun of that run."""
    url = engine.url.render_as_string(hide_password=False)
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    nights = Nights(home=tmp_path / "home", database_url=url, allow=demo_site.address, feeds=feeds)
    asyncio.run(nights.run("qingfeng", "polder-bulletin"))
    for name, value in nights.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv(f"{PREFIX}HOME", str(tmp_path / "elsewhere"))
    room, clock = opened(engine, nights.home, token=Secret(TOKEN))
    with served(room, clock) as place:
        place.ada().post("/hand/rerun/1")
        (started,) = place.desk.reruns._started
        assert started.process.wait(PATIENCE_S) == 1  # the only feed that it asks still does not answer
        (standing,) = place.desk.reruns.standings()
    assert (standing.run_id, standing.name, standing.code) == (1, "Ada", 1)
    assert [(run["mode"], run["parent_run_id"]) for run in rows(engine, "runs")] == [("run", None), ("rerun", 1)]
    assert [row["feed_id"] for row in rows(engine, "feed_runs") if row["run_id"] == 2] == ["polder-bulletin"]


def test_a_run_without_a_failed_feed_has_nothing_to_fetch(place: Place) -> None:
    """It is said when it is asked, and nothing is begun."""
    ada = place.ada()
    assert "No feed failed in run 1" in ada.soup("/hand/rerun/1").get_text()
    assert ada.post("/hand/rerun/1").status_code == 409
    assert ada.get("/hand/rerun/99").status_code == 404
    assert [kind for _, kind, _ in place.acts()] == ["signed_in"]


def test_a_run_leads_to_prefects_page_of_it(place: Place, prefect: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a server answers, under the address by which a browser finds it; where none does, its name is shown."""
    with write_transaction(place.room.engine) as connection:
        name_flow_run(connection, 3, FLOW_RUN)
    eve = place.visitor()
    (link,) = eve.soup("/runs/3").select('a[rel~="external"]')
    assert link["href"] == f"{prefect.removesuffix('/api')}/runs/flow-run/{FLOW_RUN}"
    place.room.shelf._kept.clear()
    monkeypatch.setenv("PREFECT_UI_URL", "http://localhost:4200/")
    (link,) = eve.soup("/runs/3").select('a[rel~="external"]')
    assert link["href"] == f"http://localhost:4200/runs/flow-run/{FLOW_RUN}"
    place.room.shelf._kept.clear()
    monkeypatch.delenv(API_SETTING)
    assert eve.soup("/runs/3").select('a[rel~="external"]') == []
    assert FLOW_RUN in eve.soup("/runs/3").get_text()
