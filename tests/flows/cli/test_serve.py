"""`serve` as a whole, on a real server: nights by themselves and by hand, a good end, and a start after a bad one."""

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from pathlib import Path

import pytest

from models.reports import RunStatus
from tests.serving import Serving, children, command_line, environment, ledger, mapped, serving, until
from tests.site.behaviours import FEED, XML, answer
from tests.site.server import Conversation, Site

pytestmark = pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="looks at processes in /proc")


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


async def _await_asked(gate: Gate) -> None:
    async def is_asked() -> bool:
        return gate.asked.is_set()

    await until(is_asked, "the feed is asked")


def _slow(site: Site, tmp_path: Path) -> dict[str, str]:
    patience = dict.fromkeys(("FETCH__TOTAL_TIMEOUT_S", "FETCH__READ_TIMEOUT_S", "FETCH__FEED_DEADLINE_S"), "300")
    return environment(tmp_path / "home", site, **patience)


async def _statuses(served: Serving, expected: list[RunStatus]) -> None:
    async def are_so() -> bool:
        return [run.status for run in served.runs()] == [one.value for one in expected]

    await until(are_so, f"the ledger reads {expected}")


async def _conclude(served: Serving, count: int) -> list[str]:
    """Wait until Prefect's runs have ended, and return their states' names."""

    async def have_ended() -> bool:
        ended = [run["state"]["type"] in {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"} for run in await runs()]
        return len(ended) >= count and all(ended)

    runs = served.flow_runs
    await until(have_ended, f"{count} runs of Prefect's have ended")
    return [run["state"]["name"] for run in await runs()]


async def test_a_schedule_of_seconds_fires_by_itself(site: Site, tmp_path: Path) -> None:
    """Nights come and complete without anybody's hand, and the ledger says that the schedule started them."""
    site.serve("/feed", answer())
    home = tmp_path / "home"
    async with serving(home, environment(home, site), "--every", "20") as served:

        async def have_come() -> bool:
            nights = await served.flow_runs()
            return any(run["auto_scheduled"] and run["state"]["name"] == "Completed" for run in nights)

        await until(have_come, "a night of the schedule has completed")
        assert {run.started_by for run in served.runs()} == {"schedule"}
        assert any("Prefect's pages are at http://127.0.0.1:" in line for line in served.said)
    assert not (home / "prefect-api.json").exists()


async def test_nights_are_started_by_hand_and_wrong_parameters_refused(site: Site, tmp_path: Path) -> None:
    """The form is checked before anything runs, with the field and the reason; `run` shows up at the same server."""
    site.serve("/feed", answer())
    home = tmp_path / "home"
    environ = environment(home, site)
    async with serving(home, environ) as served:
        await _statuses(served, [RunStatus.COMPLETED])  # none had succeeded since the last time of the schedule
        path = f"/deployments/{await served.deployment_id()}/create_flow_run"
        refused = [await served.ask(path, {"parameters": one}) for one in ({"mode": "x"}, {"feeds": "tide"})]
        assert [one.status_code for one in refused] == [409, 409]
        assert "mode" in refused[0].text
        assert "feeds" in refused[1].text
        await served.ask(path, {"parameters": {"feeds": ["tide"], "strict": True}})
        await _statuses(served, [RunStatus.COMPLETED] * 2)
        await served.ask(path, {"parameters": {"feeds": ["nobody"]}})
        command = (sys.executable, "-m", "flows", "run", "--json")
        process = await asyncio.create_subprocess_exec(*command, env=environ, stdout=PIPE, stderr=PIPE)
        await process.communicate()
        assert process.returncode == 0
        assert [run.started_by for run in served.runs()] == ["schedule", "api", "hand"]
        names = await _conclude(served, 4)
        assert sorted(names) == ["Completed", "Completed", "Completed", "Failed"]


async def test_told_to_end_it_closes_the_run_at_work(site: Site, tmp_path: Path) -> None:
    """SIGTERM ends all processes within 15 s; the run is marked in both ledgers, and the next start makes it good."""
    gate = Gate()
    site.serve("/feed", gate)
    home, environ = tmp_path / "home", _slow(site, tmp_path)
    async with serving(home, environ) as served:
        await _await_asked(gate)
        engine = served.child("prefect.engine")
        workers = [pid for pid in children(engine) if "spawn" in command_line(pid)]
        assert workers
        for worker in workers:  # Prefect's own compiled parts are in none of them
            assert "orjson" not in mapped(worker)
        started_at = asyncio.get_running_loop().time()
        family = [engine, served.server_pid, *workers]
        code = await served.end()
        assert asyncio.get_running_loop().time() - started_at < 15
        assert code == 0
        assert not any(map(command_line, family))
        assert [run.status for run in ledger(home)] == ["interrupted"]
    gate.opened.set()
    async with serving(home, environ) as served:
        await _statuses(served, [RunStatus.INTERRUPTED, RunStatus.COMPLETED])
        names = await _conclude(served, 2)
        assert names[1] == "Completed"
        assert names[0] in {"Cancelled", "Crashed"}


async def test_killed_at_work_it_makes_the_night_good_when_it_comes_up(site: Site, tmp_path: Path) -> None:
    """Nothing is left for running, in neither ledger; the server ends with serve, the dead run's night is made good."""
    gate = Gate()
    site.serve("/feed", gate)
    home, environ = tmp_path / "home", _slow(site, tmp_path)
    async with serving(home, environ) as served:
        await _await_asked(gate)
        engine, server = served.child("prefect.engine"), served.server_pid
        await served.end(signal.SIGKILL)
        os.kill(engine, signal.SIGKILL)

        async def are_gone() -> bool:
            return not (command_line(engine) or command_line(server))

        await until(are_gone, "the server has followed")
    gate.opened.set()
    async with serving(home, environ) as served:
        assert any("closed as crashed" in line for line in served.said)
        await _statuses(served, [RunStatus.CRASHED, RunStatus.COMPLETED])
        assert sorted(await _conclude(served, 2)) == ["Completed", "Crashed"]


async def test_a_killed_night_is_closed_and_the_next_one_works(site: Site, tmp_path: Path) -> None:
    """The flow's process is killed under serve: Prefect hears at once, the ledger from the next night."""
    gate = Gate()
    site.serve("/feed", gate)
    home, environ = tmp_path / "home", _slow(site, tmp_path)
    async with serving(home, environ) as served:
        await _await_asked(gate)
        os.kill(served.child("prefect.engine"), signal.SIGKILL)
        assert await _conclude(served, 1) == ["Crashed"]
        gate.opened.set()
        await served.ask(f"/deployments/{await served.deployment_id()}/create_flow_run", {})
        await _statuses(served, [RunStatus.CRASHED, RunStatus.COMPLETED])


async def test_a_night_survives_the_loss_of_the_server(site: Site, tmp_path: Path) -> None:
    """The server is killed in mid-run and started again by serve; the run completes, and Prefect knows."""
    gate = Gate()
    site.serve("/feed", gate)
    home, environ = tmp_path / "home", _slow(site, tmp_path)
    async with serving(home, environ) as served:
        await _await_asked(gate)
        os.kill(served.server_pid, signal.SIGKILL)
        gate.opened.set()
        await _statuses(served, [RunStatus.COMPLETED])
        assert await _conclude(served, 1) == ["Completed"]
