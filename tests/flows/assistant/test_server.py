"""The server as assistants meet it: a process of its own, asked over stdin and stdout by the official client."""

import asyncio
import hashlib
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.cli.runs.demo import QUERY
from flows.demo.server import DemoSite
from tests.flows.cli.conftest import Command
from tests.flows.cli.conftest import command as command
from tests.flows.cli.conftest import home as home
from tests.nights import Nights
from tests.processes import PATIENCE_S, ROOT, outer_environment

mcp = pytest.importorskip("mcp", reason="the extra [mcp] is not installed")
from mcp.client.stdio import StdioServerParameters, stdio_client  # noqa: E402

READING = ("search", "story", "counts", "corrections", "new")
Ask = Callable[[Callable[[Any], Awaitable[Any]]], Any]


@pytest.fixture(scope="module")
def demo(
    tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str], worker_processes: object
) -> Nights:
    """Give the archive of two nights over the demo's site, which is gone."""
    with DemoSite() as site:
        folder = tmp_path_factory.mktemp("assistant")
        feeds = yaml.safe_load(site.feeds_yaml())["feeds"]
        nights = Nights(home=folder, database_url=archive_of(folder), allow=site.address, feeds=feeds)
        asyncio.run(nights.run())
        site.night = 2
        asyncio.run(nights.after(1))
    return nights


@pytest.fixture
def ask(demo: Nights, tmp_path: Path) -> Ask:
    """Give a way to talk with a server of the demo's archive, started for it."""
    environment = outer_environment() | {"PYTHONPATH": str(ROOT)} | demo.environment()

    def talk(with_client: Callable[[Any], Awaitable[Any]]) -> Any:
        async def connected() -> Any:
            with (tmp_path / "said").open("w") as said:
                server = StdioServerParameters(
                    command=sys.executable, args=["-m", "flows", "mcp"], env=environment, cwd=tmp_path
                )
                async with mcp.Client(stdio_client(server, errlog=said), read_timeout_seconds=PATIENCE_S) as client:
                    return await with_client(client)

        answer = asyncio.run(connected())
        assert (tmp_path / "said").read_text() == ""
        return answer

    return talk


def test_an_assistant_finds_reads_and_cites(ask: Ask) -> None:
    """It learns what there is to ask, finds a story, reads it whole, and has what the citation takes."""

    async def use(client: Any) -> None:
        tools = (await client.list_tools()).tools
        assert tuple(tool.name for tool in tools) == READING
        assert all(tool.annotations.read_only_hint for tool in tools)
        assert "quoted from publishers" in client.instructions
        found = (await client.call_tool("search", {"query": QUERY, "limit": 1})).structured_content["stories"][0]
        assert "Port Merrow" in found["title"]
        story = (await client.call_tool("story", {"story": found["cite"]["uid"]})).structured_content["story"]
        assert story["cite"] == found["cite"]
        assert story["text"].startswith("When Cyclone Ada came ashore")
        assert story["outlets"][0] == "Meridian Climate Desk"
        counted = (await client.call_tool("counts", {"by": "topic"})).structured_content
        assert sum(row["stories"] for row in counted["rows"]) >= counted["total"][0]["stories"] > 50
        (changed,) = (await client.call_tool("corrections", {"kinds": ["number"]})).structured_content["corrections"]
        assert changed["story"]["cite"]["sha256"]
        assert (await client.call_tool("new")).structured_content["run"] == 2

    ask(use)


def test_a_mistake_ends_no_conversation(ask: Ask) -> None:
    """It is said, and the next question is answered."""

    async def use(client: Any) -> None:
        wrong = await client.call_tool("search", {"topics": ["adaptatoin"]})
        assert wrong.is_error
        assert wrong.content[0].text == "There is no topic 'adaptatoin'; did you mean adaptation?"
        assert not (await client.call_tool("search", {"topics": ["adaptation"]})).is_error

    ask(use)


def test_an_assistant_of_the_first_protocol_is_served_too(demo: Nights, tmp_path: Path) -> None:
    """A client that shakes hands as those before 2026 did gets the same tools."""
    environment = outer_environment() | {"PYTHONPATH": str(ROOT)} | demo.environment()
    server = StdioServerParameters(command=sys.executable, args=["-m", "flows", "mcp"], env=environment, cwd=tmp_path)

    async def use() -> None:
        async with mcp.Client(server, mode="legacy", read_timeout_seconds=PATIENCE_S) as client:
            assert tuple(tool.name for tool in (await client.list_tools()).tools) == READING
            assert not (await client.call_tool("new", {"limit": 1})).is_error

    asyncio.run(use())


def test_nothing_is_written(ask: Ask, demo: Nights) -> None:
    """The archive's files are the same bytes after all tools have been used."""

    async def use(client: Any) -> None:
        for name in READING:
            assert not (await client.call_tool(name, {"story": "1"} if name == "story" else {})).is_error

    before = _bytes_in(demo.home)
    ask(use)
    assert _bytes_in(demo.home) == before


def test_without_the_extra_the_command_says_how_to_get_it(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, and the exit code of a mistake in the set-up."""
    monkeypatch.setitem(sys.modules, "mcp.server.lowlevel", None)
    answer = command("mcp")
    assert answer.code == 2
    assert (
        answer.err == 'Assistants need the package mcp: install the extra with `pip install "climate-archive[mcp]"`.\n'
    )


def test_without_an_archive_there_is_nothing_to_ask(command: Command, home: Path) -> None:
    """The command says so, and makes none."""
    answer = command("mcp", "--home", home / "none")
    assert (answer.code, answer.out) == (1, "")
    assert "There is no archive yet" in answer.err
    assert not (home / "none").exists()


def _bytes_in(folder: Path) -> dict[str, str]:
    """Return the digest of each file; of SQLite's shared memory, which readers use too, only whether it is there."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))
    }
