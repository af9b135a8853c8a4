"""The documents tell what is there: whatever they leave out, or name though it is gone, fails here."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from typing import Any

import click
import pytest
from msgspec import Struct

import flows.steps
import models
from config.settings import PREFIX, Settings, setting_names
from flows.cli.main import cli
from flows.exports.registry import FORMATS
from models import errors
from models.acts import ActKind, ActVia
from models.archive.ledger.feeds import FeedState
from models.changes import ChangeKind, DateMeaning, Standing
from models.corrections import CorrectionKind
from models.errors import ArchiveError, Permanent, Transient
from models.identity import KeyKind, Outcome, PageState, VersionReason
from models.migrations.migrate import upgrade
from models.queries.ledger.counts import CountBy
from models.queries.searching.search import Order
from models.reports import Counts, FeedStatus, PageCounts, RunMode, RunStatus
from models.stages import FeedKind, FeedSpec, Relevance, Rights, Source
from models.storage.database import create_database_engine, write_transaction
from models.tables.schema import METADATA
from tests.builders import Archive, Piece
from tests.markdown import ROOT, Document, documents
from tests.processes import outer_environment

DOCUMENTS = list(documents())
README = Document(ROOT / "README.md")
COLUMNS = Document(ROOT / "docs" / "columns.md")
OPERATIONS = Document(ROOT / "docs" / "operations.md")
MAKE_TARGETS = set(re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
# Where docs/columns.md explains the words of each enum.
WORDS: dict[type[StrEnum], str] = {
    Relevance: "feeds.relevance",
    Rights: "feeds.rights",
    FeedKind: "feeds.yaml kind",
    FeedState: "feeds.state",
    RunMode: "runs.mode",
    RunStatus: "runs.status",
    ActKind: "acts.kind",
    ActVia: "acts.via",
    FeedStatus: "feed_runs.status",
    Outcome: "feed_runs counts",
    PageState: "stories.page_state",
    KeyKind: "story_keys.kind",
    VersionReason: "story_versions.reason",
    Source: "story_versions.source",
    CountBy: "counts --by",
    Order: "search --order",
    CorrectionKind: "corrections.kind",
    ChangeKind: "story_changes.kind",
    Standing: "export --changed-since",
    DateMeaning: "--by",
}
COUNTED = {"PageOutcome"}  # its words are the fields of PageCounts
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)


@pytest.mark.parametrize("table", METADATA.sorted_tables, ids=lambda table: table.name)
def test_every_column_is_explained(table: Any) -> None:
    """docs/columns.md has a row for each column of each table, and none for another."""
    assert sorted(COLUMNS.names(table.name)) == sorted(column.name for column in table.columns)


@pytest.mark.parametrize(("enum", "heading"), WORDS.items(), ids=lambda value: getattr(value, "__name__", None))
def test_every_word_is_explained(enum: type[StrEnum], heading: str) -> None:
    """docs/columns.md has a row for each word of an enum, and none for another."""
    assert sorted(COLUMNS.names(heading)) == sorted(enum)


def test_no_enum_is_forgotten() -> None:
    """Every enum of models and steps has its place in docs/columns.md."""
    found = {kind for module in _modules() for kind in vars(module).values() if _is_enum(kind)}
    assert {kind.__name__ for kind in found - WORDS.keys()} == COUNTED


def test_the_sums_are_explained() -> None:
    """The counts of pages and entries are those of the reports."""
    assert sorted(COLUMNS.names("runs.pages")) == sorted(PageCounts.__struct_fields__)
    assert {*COLUMNS.names("feed_runs counts"), "seen"} == set(Counts.__struct_fields__)


def test_every_error_class_is_explained() -> None:
    """docs/operations.md says of each class what happened and what a person can do."""
    classes = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, ArchiveError)}
    branches = {kind.__name__ for kind in (ArchiveError, Transient, Permanent)}
    assert set(OPERATIONS.names("Failures")) == classes - branches
    assert branches <= set(OPERATIONS.spans)


def test_every_setting_is_in_the_readme_with_its_default() -> None:
    """The README's table of settings has each of them once, in the order of the fields."""
    rows = [[cell.strip("`") for cell in row[:2]] for row in README.rows("Settings")]
    assert [name for name, _ in rows] == list(setting_names())
    assert dict(rows) == dict(_defaults(Settings, PREFIX))


def test_every_key_of_a_feed_is_in_the_readme() -> None:
    """The block that the README shows has each key that a feed may have."""
    shown = re.findall(r"^(?:  - |    )(\w+): ", README.text, re.MULTILINE)
    assert set(shown) == set(FeedSpec.__struct_fields__) - {"position"}


def test_every_make_target_is_in_the_docs() -> None:
    """A target of the Makefile is named somewhere, and no other."""
    named = {target for one in DOCUMENTS for line in one.code_lines for target in re.findall(r"\bmake ([a-z-]+)", line)}
    assert named == MAKE_TARGETS


def test_the_readme_lists_every_command_with_its_options() -> None:
    """The README's table has a row for each command, with each option and each choice."""
    listed = {_command_of(row): set(_options_in(row)) for row in README.names("Commands") if _command_of(row)}
    assert listed == {path: _options(command) for path, command in _commands(cli).items()}
    (export,) = (row for row in README.names("Commands") if row.startswith("export"))
    assert all(kind in export and kind in COLUMNS.anchors for kind in FORMATS)


@each_document
def test_no_document_names_a_command_that_is_not_there(document: Document) -> None:
    """Each line of code that calls the command names one of its commands and options."""
    commands = _commands(cli)
    for call in _calls(document):
        words = [word for word in call.split() if word not in {"--debug", "COMMAND", "--help"}]
        path = next((path for path in commands if words[: len(path.split())] == path.split()), None)
        assert path or not words, f"{call!r} names no command"
        assert not path or set(_options_in(call)) <= _options(commands[path]) | {"--help"}, call


@each_document
def test_links_and_files_lead_somewhere(document: Document) -> None:
    """A relative link, its anchor, and a file that is named in the text exist."""
    for link in document.links:
        if "://" not in link:
            name, _, anchor = link.partition("#")
            target = Document((document.path.parent / name).resolve() if name else document.path)
            assert target.path.exists(), link
            assert not anchor or anchor in target.anchors, link
    for span in document.spans:
        if re.fullmatch(r"(models|config|flows|tests|docs|\.ci)/[\w./-]+", span) and "NAME" not in span:
            assert (ROOT / span).exists(), span


@each_document
def test_no_document_belongs_to_one_machine(document: Document) -> None:
    """No absolute path of a machine, no package index, no address but loopback."""
    assert not re.findall(r"(?<![\w.~$%/:])/(?:home|root|work|usr|var|opt|srv|tmp|mnt|Users)\b", document.text)
    assert not re.findall(r"pypi|index-url|/simple\b|devpi|artifactory", document.text, re.IGNORECASE)
    assert set(re.findall(r"\b\d{1,3}(?:\.\d{1,3}){3}\b", document.text)) <= {"127.0.0.1"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, archive_of: Callable[[Path], str], is_on_postgresql: bool) -> Path:
    """Give a folder in which a reader of the README sits: a small archive in data/, the command on the path."""
    place = tmp_path_factory.mktemp("readme")
    (place / "data").mkdir()
    url = archive_of(place / "data")
    if is_on_postgresql:  # else it is where the settings look for it by themselves
        (place / ".env").write_text(f"{PREFIX}DATABASE_URL={url}\n")
    engine = create_database_engine(url)
    upgrade(engine)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed("carbon-brief"), Piece(topics=("policy", "science")))
    engine.dispose()
    command = place / "bin" / "climate-archive"
    command.parent.mkdir()
    command.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m flows "$@"\n')
    command.chmod(0o755)
    return place


@pytest.fixture(scope="module")
def printed(folder: Path) -> str:
    """Run the README's blocks that are marked so, in their order, and give what they printed."""
    ours = {"HOME": str(folder), "PYTHONPATH": str(ROOT), "PATH": f"{folder / 'bin'}:{os.environ['PATH']}"}
    kept = {name: value for name, value in outer_environment().items() if not name.startswith(("COVERAGE_", "COV_"))}
    said = []
    for block in README.runnable:
        done = subprocess.run(
            ["sh", "-eu"], check=False, input=block, cwd=folder, env=kept | ours, capture_output=True, text=True
        )
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout + done.stderr)
    return "\n".join(said)


def test_the_readme_commands_do_what_they_say(printed: str) -> None:
    """They find the story, take a clipping in once, and check what they wrote."""
    assert "A bug" not in printed
    assert "Sea level rises" in printed
    assert "1 new, 0 known before" in printed
    assert "0 new, 1 known before" in printed
    assert "all of it adds up" in printed


@pytest.mark.usefixtures("printed")
def test_every_field_of_an_export_is_explained(folder: Path) -> None:
    """docs/columns.md has the fields of both formats, in their order."""
    story = json.loads((folder / "policy.jsonl").read_text("utf-8").splitlines()[0])
    assert sorted(COLUMNS.names("jsonl")) == sorted(story)
    header = (folder / "stories.csv").read_text("utf-8-sig").splitlines()[0]
    assert COLUMNS.names("csv") == header.split(",")


def _modules() -> Iterator[Any]:
    for package in (models, flows.steps):
        for found in walk_packages(package.__path__, f"{package.__name__}."):
            if "migrations" not in found.name:
                yield import_module(found.name)


def _is_enum(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, StrEnum) and kind is not StrEnum


def _defaults(kind: Any, prefix: str) -> Iterator[tuple[str, str]]:
    for field, default in zip(kind.__struct_fields__, kind.__struct_defaults__, strict=True):
        name = f"{prefix}{field.upper()}"
        if isinstance(default, Struct):
            yield from _defaults(type(default), f"{name}__")
        else:
            yield name, f"{default:g}" if isinstance(default, float) else str(default or "")


def _commands(group: click.Group, path: str = "") -> dict[str, click.Command]:
    """Return every command that does something, by what a person types."""
    found: dict[str, click.Command] = {}
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None
        found |= _commands(command, f"{path}{name} ") if isinstance(command, click.Group) else {path + name: command}
    return found


def _calls(document: Document) -> Iterator[str]:
    """Give the words after the command's name, in each line of code that calls it; quoted words are a person's own."""
    for line in document.code_lines:
        bare = re.sub(r"'[^']*'|\"[^\"]*\"|(?<!\S)#.*", "", line)
        yield from re.findall(r"climate-archive((?: +[^\s;|>]+)+)", bare)


def _options(command: click.Command) -> set[str]:
    return {name for one in command.params if isinstance(one, click.Option) for name in one.opts}


def _options_in(text: str) -> list[str]:
    return re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text)


def _command_of(row: str) -> str:
    return " ".join(re.match(r"(?:[a-z]+ ?)*", row)[0].split())  # type: ignore[index]
