"""What tests of commands stand on: an archive of their own, and a way to call the command in it."""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from msgspec import Struct
from sqlalchemy import Engine

from config.settings import PREFIX
from flows.cli import main
from flows.demo.server import DemoSite
from models.stages import Relevance
from models.storage.database import write_transaction
from tests.builders import Archive, Piece
from tests.nights import Nights

FEEDS = """feeds:
  - {id: one, name: One, url: "https://one.example/feed", relevance: assume}
  - {id: two, name: Two, url: "https://two.example/feed", relevance: gate}
"""
HOSTILE = Piece(
    title="\x1b[31mRed [bold]methane[/bold]\u202e",
    text="Methane\x9b leaks.\r\n\x1b]0;title\x07Nobody [link=x]looks[/link].",
    url="https://one.example/red",
    authors=("\x1bEve",),
    topics=("energy", "policy"),
    needs_review=True,
)


class Answer(Struct, frozen=True):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        """Return the JSON document on stdout."""
        return json.loads(self.out)


Command = Callable[..., Answer]


@pytest.fixture
def home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive_of: Callable[[Path], str], is_on_postgresql: bool
) -> Path:
    """Give a data folder of the test's own with a list of two feeds; beside its archive, all that the settings name."""
    for name in [name for name in os.environ if name.startswith(PREFIX)]:
        monkeypatch.delenv(name)
    folder = tmp_path / "home"
    folder.mkdir()
    (folder / "feeds.yaml").write_text(FEEDS)
    monkeypatch.setenv(f"{PREFIX}HOME", str(folder))
    monkeypatch.setenv(f"{PREFIX}FEEDS_FILE", str(folder / "feeds.yaml"))
    if is_on_postgresql:  # else the settings find it by themselves
        monkeypatch.setenv(f"{PREFIX}DATABASE_URL", archive_of(folder))
    monkeypatch.chdir(tmp_path)
    return folder


@pytest.fixture
def command(home: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give a way to call the command with no archive there yet."""

    def call(*arguments: object) -> Answer:
        words = [str(argument) for argument in arguments]
        runner = CliRunner()
        with runner.isolation() as (out, err, _), monkeypatch.context() as patched:
            patched.setattr(sys, "argv", ["climate-archive", *words])
            patched.setattr(sys, "excepthook", sys.excepthook)
            with pytest.raises(SystemExit) as ended:
                main.answer()
            sys.stdout.flush()
            code = ended.value.code
            return Answer(code if isinstance(code, int) else 0, out.getvalue().decode(), err.getvalue().decode())

    return call


@pytest.fixture
def full(command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give a way to call the command on an archive of four stories, one of which is not about climate."""
    url = engine.url.render_as_string(hide_password=False)
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", url)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one, two = archive.feed("one"), archive.feed("two", relevance=Relevance.GATE)
        run_id = archive.begin()
        archive.show(run_id, one, Piece(), HOSTILE)
        archive.show(
            run_id,
            two,
            Piece(),
            Piece(title="Wind", text="The wind turns a wheel.", url="https://two.example/wind", topics=("energy",)),
            Piece(title="Ball", text="A goal.", url="https://two.example/ball", is_relevant=False),
        )
        archive.end(run_id)
        run_id = archive.begin()
        archive.show(run_id, one, Piece(text="The sea level falls.\n\nThe coast stays where it is, for now."))
        archive.end(run_id)
    return command


@pytest.fixture
def nights(demo_site: DemoSite, home: Path, database_url: str, monkeypatch: pytest.MonkeyPatch) -> Nights:
    """Give nights over the demo site; the settings of this process are theirs."""
    feeds = yaml.safe_load(demo_site.feeds_yaml())["feeds"]
    made = Nights(home=home, database_url=database_url, allow=demo_site.address, feeds=feeds)
    for name, value in made.environment().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # one worker process is enough for so little
    return made
