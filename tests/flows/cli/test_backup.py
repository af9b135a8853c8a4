"""`backup` and `restore` as commands: over real nights, one of them at work, and what they say when they refuse."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from io import BytesIO
from pathlib import Path
from threading import Event, Lock
from typing import Any

import pytest
import yaml
from msgspec.structs import replace
from sqlalchemy import Engine

from config.settings import PREFIX
from flows.demo.answers import SiteAnswer
from flows.demo.server import DemoSite
from flows.exports.jsonl import write_jsonl
from flows.runs.locks import archive_lock, file_lock
from models.backup.taking import Taken
from models.queries.filters import StoryFilter
from models.queries.ledger.checks import audit
from models.queries.stories import iterate_stories
from models.storage.database import create_database_engine, read_transaction
from models.storage.raw_store import RawStore
from tests.databases import on_both
from tests.flows.cli.conftest import Command
from tests.models.backup.conftest import Place
from tests.nights import HURRIED, Nights, contents, counts, rows


class InterruptedSite(DemoSite):
    """The demo site; before it gives a certain answer, it does something else while everybody waits."""

    def __init__(self) -> None:
        super().__init__()
        self.before: dict[int, Callable[[], object]] = {}  # by the number of requests that were made
        self._turn = Lock()

    def answer(self, path: str, if_none_match: str | None, if_modified_since: str | None) -> SiteAnswer:
        """Answer as ever, perhaps later."""
        with self._turn:
            answer = super().answer(path, if_none_match, if_modified_since)
            self.before.pop(len(self.requests), lambda: None)()
        return answer


@pytest.fixture
def place(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Callable[[str, str | None], Place]]:
    """Give a way to name an archive of a kind of database, a new one or one that is there."""
    with ExitStack() as opened:

        def make(kind: str, url: str | None = None) -> Place:
            home = tmp_path / f"{len(list(tmp_path.iterdir()))} on {kind}"
            home.mkdir()
            if url is None:
                is_file = kind == "sqlite"
                url = (
                    f"sqlite:///{home}/archive.db" if is_file else request.getfixturevalue("postgresql_server").create()
                )
            engine = create_database_engine(url)
            opened.callback(engine.dispose)
            return Place(home, engine)

        yield make


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, archive_of: Callable[[Path], str]) -> Callable[[], str]:
    """Give a way to have the settings name a new archive in another data folder; it returns where that is."""

    def name_another() -> str:
        url = archive_of(tmp_path / "new")
        monkeypatch.setenv(f"{PREFIX}HOME", str(tmp_path / "new"))
        monkeypatch.setenv(f"{PREFIX}DATABASE_URL", url)
        return url

    return name_another


@on_both
async def test_nights_go_on_from_a_backup(
    place: Callable[..., Place], tmp_path: Path, database_url: str, dialect: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A backup in the middle of a night is whole, and goes on to the same archive; one after it is equal to it.

    The first is restored on the same kind of database, the second on the other one.
    """
    monkeypatch.setattr(os, "cpu_count", lambda: 1)  # one worker process is enough for so little
    first, folder = place(dialect, database_url), tmp_path / "backup"
    with InterruptedSite() as site:
        nights = _nights(site, first)
        taken: list[Taken] = []
        for at in (22, 36):  # of about 45 requests: after the first pages, before the last
            site.before[at] = lambda: taken.append(_more_backed_up(first, folder, taken))
        await nights.run()
        assert [one.manifest.tables["runs"] for one in taken] == [1, 1]
        assert 0 < taken[0].manifest.documents.count < taken[1].manifest.documents.count

        halfway = place(dialect)
        halfway.restore(folder)
        _check(halfway)
        later = _nights(site, halfway)
        later.clock.advance(minutes=5)
        await later.run()
        expected, found = _contents(first), _contents(halfway)
        for name in expected:
            assert found[name] == expected[name], name

        first.back_up(folder)
        moved = place("postgresql" if dialect == "sqlite" else "sqlite")
        moved.restore(folder)
        _check(moved)
        assert _export_digest(moved) == _export_digest(first)
        before = counts(first.engine)
        assert counts(moved.engine) == before
        report = await _nights(site, moved).run()
        assert (report.totals.new, report.totals.updated) == (0, 0)
        grown = {name for name, count in counts(moved.engine).items() if count != before[name]}
        assert grown == {"runs", "feed_runs", "fetches"}


def _more_backed_up(place: Place, folder: Path, before: list[Taken]) -> Taken:
    """Back up once there are more documents than in the backup before: what was answered is being read."""
    while before and counts(place.engine)["raw_blobs"] <= before[-1].manifest.documents.count:
        Event().wait(0.05)
    return place.back_up(folder)


def _nights(site: DemoSite, place: Place) -> Nights:
    return Nights(
        home=place.home,
        database_url=_url(place),
        allow=site.address,
        feeds=yaml.safe_load(site.feeds_yaml())["feeds"],
        fetch=replace(HURRIED, read_timeout_s=60.0, total_timeout_s=60.0),
    )


def _url(place: Place) -> str:
    return place.engine.url.render_as_string(hide_password=False)


def _contents(place: Place) -> Mapping[str, list[Any]]:
    return contents(_url(place), ("reef", "珊瑚", "carbon -market"))


def _check(place: Place) -> None:
    with read_transaction(place.engine) as connection:
        assert audit(connection).findings == ()
    assert [row["digest"] for row in rows(place.engine, "raw_blobs") if place.raw.verify(row["digest"])] == []


def _export_digest(place: Place) -> str:
    out = BytesIO()
    with read_transaction(place.engine) as connection:
        assert write_jsonl(iterate_stories(connection, StoryFilter(include_off_topic=True)), out) > 57
    return hashlib.sha256(out.getvalue()).hexdigest()


def test_a_backup_is_taken_and_restored(full: Command, elsewhere: Callable[[], str]) -> None:
    """Both say what they did; the restored archive answers as the first one did."""
    taken = full("backup", "copy")
    assert taken.code == 0
    assert taken.out.endswith("4 stories with 5 versions, 0 documents (0 copied, 0 dropped) are in copy.\n")
    shown = full("show", "1", "--json").document
    elsewhere()
    restored = full("restore", "copy", "--json")
    assert restored.code == 0
    assert restored.document["tables"]["stories"] == 4
    assert full("show", "1", "--json").document == shown
    again = full("restore", "copy")
    assert again.code == 1
    assert "is not empty" in again.err


def test_a_lost_document_is_told_and_ends_with_1(full: Command, engine: Engine, home: Path) -> None:
    """The backup is taken all the same, and says which document it has not."""
    digest = Place(home, engine).keep(b"lost")
    RawStore(home / "raw", home / "tmp").delete(digest)
    answer = full("backup", "copy")
    assert answer.code == 1
    assert f"Lost or damaged in the archive itself: {digest}" in answer.out
    assert full("backup", "copy", "--json").document["documents"]["missing"] == [digest]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["backup", "home"], "the archive's own folder"),
        (["backup", "home/backup"], "the archive's own folder"),
        (["backup", "home/raw/../new/deep"], "the archive's own folder"),
        (["backup", "."], "holds other files"),
        (["restore", "nothing"], "holds no backup"),
    ],
)
def test_a_wrong_folder_is_refused(full: Command, arguments: list[str], sentence: str) -> None:
    """Exit 1 and one sentence."""
    answer = full(*arguments)
    assert (answer.code, answer.out) == (1, "")
    assert sentence in answer.err


def test_neither_meets_another_at_work(full: Command, engine: Engine, tmp_path: Path) -> None:
    """No backup beside a restore, no restore beside a writer, no two backups in one folder: exit 1 with the holder."""
    with archive_lock(engine, "restore", exclusive=True):
        assert "Another process works on this archive" in full("backup", "copy").err
    (tmp_path / "copy").mkdir()
    with file_lock(tmp_path / "copy" / "lock", "backup", exclusive=True):
        assert "Another process works on this archive" in full("backup", "copy").err
    assert full("backup", "copy").code == 0
    with archive_lock(engine, "import"):
        answer = full("restore", "copy")
    assert (answer.code, "Another process works on this archive" in answer.err) == (1, True)


def test_the_audit_of_a_restored_archive_finds_nothing(
    full: Command, engine: Engine, elsewhere: Callable[[], str]
) -> None:
    """The ledger came with the rows."""
    full("backup", "copy")
    url = elsewhere()
    full("restore", "copy")
    restored = create_database_engine(url)
    with read_transaction(restored) as new, read_transaction(engine) as old:
        assert audit(new) == audit(old)
    restored.dispose()
