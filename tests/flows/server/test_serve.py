"""`serve` as a whole, on a real server: nights by themselves and by hand, kills of each of its processes, a good end.

Starting Prefect takes most of the time, so the tests share one archive, and one `serve` as long as it lives: they run
in their order, and each looks at what it has added.
"""

import asyncio
import os
import re
import signal
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import pytest_asyncio
from msgspec import Struct

from config.settings import PREFIX, Settings
from flows.runs.session import utc_now
from models.archive.ledger.runs import NewRun, finish_run, start_run
from models.reports import RunStatus
from models.storage.database import create_database_engine, write_transaction
from tests.serving import (
    Serving,
    are_gone,
    environment,
    ledger,
    let_time_pass,
    make_late,
    mapped,
    serving,
    workers_of,
)
from tests.site.behaviours import FEED, XML, answer
from tests.site.server import Conversation, Site

pytestmark = [
    pytest.mark.system,
    pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes in /proc"),
    pytest.mark.asyncio(loop_scope="module"),
]
TOKEN = "a-token-that-nobody-guesses"
COMPLETED_WITH_ERRORS = RunStatus.COMPLETED_WITH_ERRORS.value
COMPLETED, CRASHED, INTERRUPTED, SKIPPED = (
    status.value for status in (RunStatus.COMPLETED, RunStatus.CRASHED, RunStatus.INTERRUPTED, RunStatus.SKIPPED)
)


class Gate:
    """A feed that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = asyncio.Event()
        self.opened = asyncio.Event()

    async def __call__(self, talk: Conversation) -> None:
        """Answer once the gate is open."""
        self.asked.set()
        await self.opened.wait()
        await talk.send(200, FEED, XML)


class Scene(Struct):
    """A site with a feed that answers at once and one that can be made to wait, and an archive of both."""

    site: Site
    home: Path
    environ: dict[str, str]
    gate: Gate
    editions: int = 0  # of the first feed

    @property
    def database_url(self) -> str:
        """Return where the archive is."""
        return self.environ[f"{PREFIX}DATABASE_URL"]

    def close_gate(self) -> Gate:
        """Have the second feed wait from now on, and the first show something that is to be read."""
        self.gate.opened.set()
        self.gate = gate = Gate()
        self.site.serve("/gate", gate)
        self.editions += 1
        author = b"<author>Author %d</author></item>" % self.editions
        self.site.serve("/feed", answer(body=FEED.replace(b"</item>", author)))
        return gate


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def scene(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str]) -> AsyncIterator[Scene]:
    """Serve the feeds; nothing is archived yet."""
    home = tmp_path_factory.mktemp("serve")
    async with Site() as site:
        for path in ("/feed", "/gate"):
            site.serve(path, answer())
        patience = dict.fromkeys(("FETCH__TOTAL_TIMEOUT_S", "FETCH__READ_TIMEOUT_S", "FETCH__FEED_DEADLINE_S"), "300")
        patience |= {"DATABASE_URL": archive_of(home), "WEB__TOKEN": TOKEN, "WEB__PORT": "0"}
        scene = Scene(site, home, environment(home, site, "/gate", **patience), Gate())
        yield scene
        scene.gate.opened.set()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def served(scene: Scene) -> AsyncIterator[Serving]:
    """Run `serve` until a test ends it."""
    async with serving(scene.environ) as started:
        yield started


async def _asked(served: Serving, gate: Gate) -> None:
    async def is_asked() -> bool:
        return gate.asked.is_set()

    await served.until(is_asked, "the feed is asked")


async def test_the_first_night_is_made_when_it_comes_up(served: Serving) -> None:
    """None had succeeded since the last time of the schedule; the pages' address is told."""
    assert await served.concluded(1) == ["Completed"]
    assert [(run.status, run.started_by) for run in served.runs()] == [(COMPLETED, "schedule")]
    assert any("Prefect's pages are at http://127.0.0.1:" in line for line in served.said)


async def test_wrong_parameters_are_refused_with_field_and_reason(served: Serving) -> None:
    """The form is checked before anything runs."""
    refused = [await served.try_to_start(**wrong) for wrong in ({"mode": "x"}, {"feeds": "tide"}, {"strict": "maybe"})]
    assert [one.status_code for one in refused] == [409, 409, 409]
    assert "field 'mode'. Failure reason: 'x' is not one of ['run', 'rerun']" in refused[0].text
    assert "field 'feeds'. Failure reason: 'tide' is not of type 'array'" in refused[1].text
    assert "field 'strict'. Failure reason: 'maybe' is not of type 'boolean'" in refused[2].text


async def test_the_server_answers_its_own_pages_and_those_who_know_its_secret(served: Serving, scene: Scene) -> None:
    """Another host's name, another site's page, no secret, no token: each is refused; its own page is let in."""
    own = served.api_url.removesuffix("/api")
    pages = ("/api/flow_runs/filter", "/api/logs/filter")
    async with httpx.AsyncClient(trust_env=False, timeout=60, base_url=own) as client:

        async def ask(path: str, **headers: str) -> int:
            return (await client.post(path, json={}, headers=headers)).status_code

        for path in pages:
            assert await ask(path) == 403  # no token
            assert await ask(path, Host=f"rebound.example:{served.port}") == 421
            assert await ask(path, Origin="http://elsewhere.example") == 403
        assert (await client.get("/api/flow_runs/count")).status_code == 401
        guard = await served.guard(client) | {"Origin": own}
        answer = await client.post(pages[0], json={}, headers=guard, auth=served.secret)
        assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, own)
        assert (await client.post(pages[0], json={}, headers=guard)).status_code == 401
        told = (await client.get("/ui-settings")).json()
        assert (told["api_url"], told["csrf_enabled"], told["auth"]) == (f"{own}/api", True, "BASIC")
        page = await client.get("/", headers={"Accept": "text/html"}, follow_redirects=True)
        assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    secret = scene.home / "prefect-api.secret"
    assert secret.read_text().strip() == ":".join(served.secret)
    assert any(str(secret) in line for line in served.said)
    private = (secret, scene.home / "prefect-api.json", scene.home / "prefect")
    assert [path.stat().st_mode & 0o077 for path in private] == [0, 0, 0]


async def test_a_late_start_after_a_newer_night_is_skipped(served: Serving, scene: Scene) -> None:
    """A start of the schedule that was late, as on a machine that slept, finds that a night has been made since."""
    before = len(served.runs())
    make_late(scene.home, Settings(nightly_cron=scene.environ[f"{PREFIX}NIGHTLY_CRON"]))
    assert await served.concluded(2) == ["Completed", "Skipped"]
    (skipped,) = served.runs()[before:]
    assert (skipped.status, skipped.started_by) == (SKIPPED, "schedule")
    assert "after its time, has succeeded" in skipped.reason


async def test_a_night_by_hand_shows_up_at_the_same_server(served: Serving, scene: Scene) -> None:
    """`run` uses the server of `serve`."""
    before = len(served.runs())
    command = (sys.executable, "-m", "flows", "run", "--json", "--feed", "tide")
    process = await asyncio.create_subprocess_exec(*command, env=scene.environ, stdout=PIPE, stderr=PIPE)
    await process.communicate()
    assert process.returncode == 0
    assert [run.started_by for run in served.runs()[before:]] == ["hand"]
    assert (await served.flow_runs())[-1]["name"] == "run by hand"


async def test_failed_feeds_are_fetched_again_from_the_pages(served: Serving, scene: Scene) -> None:
    """Of the run that is meant, through Prefect; that run's page leads to Prefect's own of it."""
    before = len(served.runs())
    scene.site.serve("/gate", answer(404, b""))
    await served.start()
    await served.reads(before, [COMPLETED_WITH_ERRORS])
    scene.site.serve("/gate", answer())
    _have_run(scene.database_url)  # the latest run is another one then
    failed, _ = served.runs()[before:]
    (pages,) = re.findall(r"^The archive is at (\S+): ", "".join(served.said), re.MULTILINE)
    async with httpx.AsyncClient(trust_env=False, base_url=pages, timeout=60, headers={"Origin": pages}) as ada:
        assert (await ada.post("/hand/sign-in", data={"name": "Ada", "token": TOKEN})).status_code == 303
        form = (await ada.get(f"/hand/rerun/{failed.id}")).text
        fields = dict(re.findall(r'name="(key|once)" value="(.+?)"', form))
        assert (await ada.post(f"/hand/rerun/{failed.id}", data=fields)).status_code == 303
        await served.reads(before + 2, [COMPLETED])
        again = served.runs()[-1]
        assert (again.mode, again.parent_run_id, again.started_by) == ("rerun", failed.id, "api")
        link = f"{served.api_url.removesuffix('/api')}/runs/flow-run/{again.flow_run_id}"
        assert f"flow run {again.flow_run_id}" in (await ada.get("/hand")).text
        assert f'href="{link}"' in (await ada.get(f"/runs/{again.id}")).text
    followed = {"Accept": "text/html", "Sec-Fetch-Site": "same-site", "Sec-Fetch-Dest": "document"}
    async with httpx.AsyncClient(trust_env=False, timeout=60) as browser:
        assert (await browser.get(link, headers=followed)).status_code == 200


async def test_a_killed_night_is_closed_and_the_next_one_works(served: Serving, scene: Scene) -> None:
    """The flow's process is killed: Prefect hears at once, the ledger from the next night.

    Prefect's server is then killed in mid-run too, and away until another has started: that night survives, Prefect
    knows.
    """
    before, flows_before = len(served.runs()), len(await served.flow_runs())
    gate = scene.close_gate()
    await served.start()
    await _asked(served, gate)
    os.kill(served.child("prefect.engine"), signal.SIGKILL)
    assert (await served.concluded(flows_before + 1))[-1] == "Crashed"

    gate = scene.close_gate()
    await served.start()
    await _asked(served, gate)
    os.kill(served.server_pid, signal.SIGKILL)
    gate.opened.set()
    await served.until(served.has_started_its_server_again, "another server is started")
    await served.reads(before, [CRASHED, COMPLETED])
    assert (await served.concluded(flows_before + 2))[-1] == "Completed"


async def test_told_to_end_it_closes_the_run_at_work(served: Serving, scene: Scene) -> None:
    """SIGTERM ends all processes long before the feed would be given up, and the run is marked.

    No worker held anything of Prefect.
    """
    before = len(served.runs())
    gate = scene.close_gate()
    await served.start()
    await _asked(served, gate)
    engine = served.child("prefect.engine")

    async def are_at_work() -> bool:
        return any("lxml" in mapped(pid) for pid in workers_of(engine))

    await served.until(are_at_work, "a worker reads the other feed")
    assert "pydantic_core" in mapped(engine)
    assert not any("pydantic_core" in mapped(worker) for worker in workers_of(engine))  # Prefect does not go without
    family = [engine, served.server_pid, *workers_of(engine)]
    assert await served.end() == 0
    await are_gone(*family)
    assert [run.status for run in ledger(scene.database_url)[before:]] == [INTERRUPTED]
    assert not (scene.home / "prefect-api.json").exists()


async def test_seven_missed_nights_are_one_run(scene: Scene) -> None:
    """After a week without power one night is made; the starts whose next time has passed are skipped, and say so.

    `serve` alone is killed in that night: all that it started ends too. When it comes up the night is made good, and a
    schedule of seconds goes on by itself.
    """
    before = len(ledger(scene.database_url))
    let_time_pass(scene.home, scene.database_url, timedelta(days=7))
    gate = scene.close_gate()
    async with serving(scene.environ) as served:
        await _asked(served, gate)
        *late, at_work = served.runs()[before:]
        assert len(late) > 1
        assert all(run.status == SKIPPED and run.reason.startswith("its next time, ") for run in late)
        assert at_work.status == "running"
        family = [served.child("prefect.engine"), served.server_pid]
        await served.end(signal.SIGKILL)
        await are_gone(*family)
    gate.opened.set()
    async with serving(scene.environ, "--every", "20") as served:
        assert any("closed as crashed" in line for line in served.said)

        async def goes_on() -> bool:
            made = [run.status for run in served.runs()[before:] if run.status != SKIPPED]
            return made[:3] == [CRASHED, COMPLETED, COMPLETED]

        await served.until(goes_on, "the night was made good and another has followed")
        assert {run.started_by for run in served.runs()[before:]} == {"schedule"}


def _have_run(database_url: str) -> None:
    """Have a run in the ledger that is over."""
    engine = create_database_engine(database_url)
    with write_transaction(engine) as connection:
        run_id = start_run(connection, NewRun(mode="run", started_by="hand", code_version="test"), utc_now())
        finish_run(connection, run_id, RunStatus.COMPLETED, None, utc_now())
    engine.dispose()
