"""One set of migrations makes the same tables on both databases."""

import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine, MetaData, Table, delete, func, insert, select, text

from models.archive.texts.search_queue import index_batch
from models.errors import DatabaseNewerThanCode, StorageError
from models.identity import KeyKind, KeyName
from models.migrations import migrate
from models.migrations.__main__ import write_next_migration
from models.migrations.migrate import current_revision, differences, head_revision, is_current, upgrade
from models.search.factory import search_index
from models.search.interface import EVERY_STORY, Best, SearchRow
from models.search.languages import LANGUAGES, held_languages
from models.stages import Relevance
from models.storage import revision
from models.storage.database import create_database_engine, read_transaction, write_transaction
from models.tables.queues import SearchQueue, VectorQueue
from models.tables.runs import Fetch, Run
from models.tables.schema import METADATA
from models.tables.stories import Sighting, StoryKey
from tests.builders import NOON, Archive, Piece
from tests.databases import about_sqlite, on_postgresql
from tests.old_archives import copy_rows, make_first_revision


@pytest.fixture
def empty_engine(empty_database_url: str) -> Iterator[Engine]:
    """Give an engine on a database without tables."""
    created = create_database_engine(empty_database_url)
    yield created
    created.dispose()


# How PostgreSQL keeps the words of the search index, and how many of them its planner counts.
WORDS_KEPT = """
    SELECT reloptions::text || ' ' || attstattarget FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid
    WHERE relname = 'story_search' AND attname = 'words'
"""

TITLES_KEPT = """
    SELECT indexdef || ' ' || attstattarget FROM pg_indexes JOIN pg_attribute ON attrelid = indexname::regclass
    WHERE indexname = 'ix_story_search_titles'
"""


def _set_revision(engine: Engine, revision: str) -> None:
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_an_upgrade_makes_all_tables(empty_engine: Engine):
    """An empty database is brought to the head revision and then has what models.tables has."""
    assert current_revision(empty_engine) is None
    assert not is_current(empty_engine)
    assert upgrade(empty_engine) is None
    assert current_revision(empty_engine) == head_revision()
    assert is_current(empty_engine)
    assert differences(empty_engine) == []


def test_a_second_upgrade_does_nothing(engine: Engine):
    """A database at the head revision is left alone, and no copy is made."""
    assert upgrade(engine) is None


def test_a_database_of_a_newer_program_is_refused(engine: Engine):
    """A revision that the code does not know stops every use, with the database and the revision named."""
    _set_revision(engine, "9999")
    with pytest.raises(DatabaseNewerThanCode, match="revision 9999"):
        upgrade(engine)


@pytest.fixture
def old_engine(empty_engine: Engine, tmp_path: Path) -> Engine:
    """Give an engine on a database of the first revision; the code is at its head."""
    make_first_revision(empty_engine, tmp_path / "first")
    return empty_engine


@pytest.fixture
def key() -> dict[str, object]:
    """Give a key's columns but for its name."""
    return {"scope": "one", "story_id": 1, "feed_id": "one", "is_ambiguous": False, "key_version": 1, "added_at": NOON}


def test_relevant_stories_of_an_older_archive_wait_for_their_vectors(engine: Engine, old_engine: Engine):
    """Those that were turned away do not."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        spec = archive.feed(relevance=Relevance.GATE)
        off = Piece(guid="2", url=None, title="Off", is_relevant=False)
        archive.take(archive.begin(), spec, Piece(), off)
    copy_rows(engine, old_engine)
    upgrade(old_engine)
    with read_transaction(old_engine) as connection:
        assert connection.scalars(select(VectorQueue.story_id)).all() == [1]


def test_long_keys_are_shortened(engine: Engine, old_engine: Engine):
    """A key of an older archive is the one that today's code looks for, also behind the mark of a title."""
    names = {"guid": "é" * 500, "url": f"one.example/{'x' * 600}", "guid+title": f"{'0' * 16} {'é' * 500}"}
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece())
    copy_rows(engine, old_engine)
    with write_transaction(old_engine) as connection:
        keys = Table("story_keys", MetaData(), autoload_with=connection)
        key = dict(connection.execute(select(keys)).mappings().one())
        for kind, name in names.items():
            connection.execute(insert(keys).values(key | {"kind": kind, "scope": "one", "key": name}))
    upgrade(old_engine)
    with read_transaction(old_engine) as connection:
        kept = set(connection.execute(select(StoryKey.kind, StoryKey.key)).tuples())
    guid, url = (KeyName.of(kind, "one", names[kind]).key for kind in (KeyKind.GUID, KeyKind.URL))
    assert kept == {("guid", guid), ("url", url), ("guid+title", f"{'0' * 16} {guid}"), ("url", "one.example/sea")}


def test_stories_without_a_name_get_the_key_that_current_code_gives(engine: Engine, old_engine: Engine):
    """The digest of the entry that they were born of; a story with a name gets none."""
    keys = select(StoryKey.kind, StoryKey.scope, StoryKey.key, StoryKey.story_id).order_by(StoryKey.story_id)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece(), Piece(url=None, published_at=None))
        made_today = connection.execute(keys).all()
        connection.execute(delete(StoryKey).where(StoryKey.kind == KeyKind.DIGEST.value))
    copy_rows(engine, old_engine)
    upgrade(old_engine)
    with read_transaction(old_engine) as connection:
        assert connection.execute(keys).all() == made_today
    assert [row.kind for row in made_today] == ["url", "digest"]


def test_sightings_get_the_moment_of_the_story_that_they_brought(old_engine: Engine, engine: Engine):
    """What a later one said was not kept."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece())
        archive.night(archive.feed("two"), Piece())
    copy_rows(engine, old_engine)
    upgrade(old_engine)
    with read_transaction(old_engine) as connection:
        moments = connection.execute(select(Sighting.feed_id, Sighting.published_at).order_by(Sighting.id)).tuples()
        assert moments.all() == [("one", NOON), ("two", None)]


def test_documents_are_known_across_their_sources(old_engine: Engine, engine: Engine, key: dict[str, object]):
    """Of several stories that one document made, the oldest has its name from then on."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece(), Piece(url="https://one.example/2", title="Two", text="Two."))
        for scope, story_id, name in (("import:b", 2, "x"), ("import:a", 1, "x"), ("import:b", 2, "y")):
            own = {"kind": "guid", "scope": scope, "story_id": story_id, "key": name}
            connection.execute(insert(StoryKey).values(key | own))
    copy_rows(engine, old_engine)
    upgrade(old_engine)
    with read_transaction(old_engine) as connection:
        keys = select(StoryKey.scope, StoryKey.key, StoryKey.story_id).where(StoryKey.kind == "guid")
        assert set(connection.execute(keys).tuples()) == {("import", "x", 1), ("import:b", "x", 2), ("import", "y", 2)}


OLD_INDEX = {
    "sqlite": "CREATE VIRTUAL TABLE story_search USING fts5(title, body, tokenize=\"ascii tokenchars '.,'\")",
    "postgresql": "CREATE TABLE story_search (story_id BIGINT PRIMARY KEY, words TSVECTOR NOT NULL)",
}


def test_the_search_of_an_older_archive_finds_word_forms(old_engine: Engine, engine: Engine):
    """The index is made anew from the stories that are shown, and nothing waits for the next night."""
    index = search_index(old_engine)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece(), Piece(title="Glaciers melt", url="https://one.example/2"))
        archive.night(
            archive.feed("two", relevance=Relevance.GATE),
            Piece(title="A ball rises", url="https://two.example/1", is_relevant=False),
        )
    copy_rows(engine, old_engine)
    with write_transaction(old_engine) as connection:
        index.drop(connection)
        connection.exec_driver_sql(OLD_INDEX[old_engine.dialect.name])
    upgrade(old_engine)
    with read_transaction(old_engine) as connection:
        found = {word: index.matches(connection, word) for word in ("rising", "glacier", "ball")}
        assert {word: connection.scalars(select(one.c.story_id)).all() for word, one in found.items()} == {
            "rising": [1, 2],
            "glacier": [2],
            "ball": [],
        }
        assert connection.scalar(select(func.count()).select_from(SearchQueue)) == 0


def test_the_languages_of_an_older_archive_are_known(engine: Engine):
    """A search of it finds their word forms at once; and on PostgreSQL the words that it finds are as they were."""
    index = search_index(engine)
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        titles = {"en-GB": "Glaciers melt", "de": "Gletscher schmelzen", "zh": "冰川"}
        pieces = [Piece(title=title, url=f"https://one.example/{tag}", language=tag) for tag, title in titles.items()]
        archive.night(archive.feed(), *pieces)
        while index_batch(connection):
            pass
        LANGUAGES.drop(connection)
        if engine.dialect.name == "postgresql":
            connection.execute(text("ALTER TABLE story_search RESET (toast_tuple_target)"))
            connection.execute(text("ALTER TABLE story_search ALTER words SET STATISTICS -1"))
    _set_revision(engine, "0021")
    upgrade(engine)
    with read_transaction(engine) as connection:
        assert held_languages(connection) == {"en", "de"}
        if engine.dialect.name == "postgresql":
            assert connection.scalar(text(WORDS_KEPT)) == "{toast_tuple_target=8160} 0"
        found = {word: index.matches(connection, word) for word in ("glacier", '"glaciers melt"', "gletschers", "冰川")}
        assert [connection.scalars(select(one.c.story_id)).all() for one in found.values()] == [[1], [1], [2], [3]]


@on_postgresql
def test_the_titles_of_an_older_archive_are_indexed(engine: Engine):
    """As a new archive's are, those that are there already too."""
    index = search_index(engine)
    with write_transaction(engine) as connection:
        made = connection.scalar(text(TITLES_KEPT))
        index.index(connection, [SearchRow(story_id=one, title="Floods" * (one == 1), text="floods") for one in (1, 2)])
        connection.execute(text("DROP INDEX ix_story_search_titles"))
    _set_revision(engine, "0022")
    upgrade(engine)
    with read_transaction(engine) as connection:
        assert connection.scalar(text(TITLES_KEPT)) == made
        assert str(made).endswith(" 0")
        assert list(index.best(connection, "floods", Best(count=1), EVERY_STORY)) == [1]


def test_a_missing_column_is_a_difference(engine: Engine):
    """The comparison sees what a migration forgot."""
    with write_transaction(engine) as connection:
        connection.execute(text("ALTER TABLE topics DROP COLUMN definition"))
    assert len(differences(engine)) == 1


def test_a_failing_upgrade_changes_nothing(empty_engine: Engine):
    """All steps are one transaction: a table that is in the way leaves the database without any other."""
    with write_transaction(empty_engine) as connection:
        connection.execute(text("CREATE TABLE stories (id INTEGER)"))
    with pytest.raises(Exception, match="already exists"):
        upgrade(empty_engine)
    assert current_revision(empty_engine) is None
    with pytest.raises(Exception, match="topics"), read_transaction(empty_engine) as connection:
        connection.execute(text("SELECT * FROM topics"))


TODAY = head_revision() or ""
NEXT = f"{int(TODAY) + 1:04}"
SCRIPT = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{down_revision}"


def upgrade() -> None:
    {step}
"""
# What SQLite cannot alter: Alembic rebuilds the table there.
REBUILD = """with op.batch_alter_table("runs") as batch:
        batch.alter_column("code_version", nullable=True)
        batch.add_column(sa.Column("added", sa.Text()))"""


@pytest.fixture
def next_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Give a function that makes the code one revision newer than the databases of the tests."""
    scripts = tmp_path / "migrations"
    shutil.copytree(migrate._SCRIPTS, scripts)

    def write(step: str) -> None:
        script = SCRIPT.format(revision=NEXT, down_revision=TODAY, step=step)
        (scripts / "versions" / f"{NEXT}_next.py").write_text(script)
        monkeypatch.setattr(migrate, "_SCRIPTS", scripts)
        monkeypatch.setattr(revision, "_SCRIPTS", scripts / "versions")

    return write


@about_sqlite
def test_a_copy_that_fails_stops_the_upgrade(engine: Engine, next_revision: Callable[[str], None]):
    """Where no copy can be made, nothing is migrated and nothing half-written stays."""
    _keep_a_request(engine)
    next_revision(REBUILD)
    in_the_way = Path(f"{engine.url.database}.before-{NEXT}")
    in_the_way.mkdir()
    with pytest.raises(IsADirectoryError):
        upgrade(engine)
    assert current_revision(engine) == TODAY
    assert sorted(path.name for path in in_the_way.parent.glob("*unfinished*")) == []


def _keep_a_request(engine: Engine) -> None:
    """Keep a run and a request, which would go with its run."""
    now = datetime(2026, 1, 2, tzinfo=UTC)
    run = {"mode": "run", "parameters": {}, "status": "running", "started_by": "", "code_version": "", "pages": {}}
    request = {"url": "http://a/", "attempt": 1, "elapsed_ms": 1, "headers": [], "size_bytes": 0}
    with write_transaction(engine) as connection:
        connection.execute(insert(Run).values(id=1, started_at=now, heartbeat_at=now, **run))
        connection.execute(insert(Fetch).values(run_id=1, started_at=now, **request))


def test_a_rebuilt_table_takes_nothing_with_it(engine: Engine, next_revision: Callable[[str], None]):
    """Rows that point to a rebuilt table stay, on SQLite too, where rebuilding drops the table."""
    _keep_a_request(engine)
    next_revision(REBUILD)
    upgrade(engine)
    with read_transaction(engine) as connection:
        assert connection.execute(select(Fetch.url)).scalars().all() == ["http://a/"]
        assert connection.execute(text("SELECT added FROM runs")).scalars().all() == [None]


@about_sqlite
def test_sqlite_is_copied_before_an_upgrade(engine: Engine, next_revision: Callable[[str], None]):
    """A file that holds anything is kept beside the migrated one, and replaces what an earlier attempt left."""
    _keep_a_request(engine)
    next_revision(REBUILD)
    left = Path(f"{engine.url.database}.before-{NEXT}")
    left.write_bytes(b"of an earlier attempt")
    left.with_name(f"{left.name}.unfinished").write_bytes(b"cut short")
    assert upgrade(engine) == left
    with closing(sqlite3.connect(left)) as copy:
        assert copy.execute("SELECT version_num FROM alembic_version").fetchall() == [(TODAY,)]
        assert copy.execute("SELECT count(*) FROM fetches").fetchone() == (1,)
    assert not left.with_name(f"{left.name}.unfinished").exists()


@about_sqlite
def test_a_migration_that_breaks_a_reference_is_undone(engine: Engine, next_revision: Callable[[str], None]):
    """Keys are not enforced while tables are rebuilt, so they are checked before the commit."""
    _keep_a_request(engine)
    next_revision('op.execute("DELETE FROM runs")')
    with pytest.raises(StorageError, match="break a reference of fetches to runs"):
        upgrade(engine)
    assert current_revision(engine) == TODAY
    with read_transaction(engine) as connection:
        assert connection.execute(select(Run.id)).scalars().all() == [1]


def test_the_next_revision_is_written_from_the_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The command for developers writes a script, numbered and named, for what the tables have beyond the last."""
    scripts = tmp_path / "migrations"
    shutil.copytree(migrate._SCRIPTS, scripts)
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)
    write_next_migration("Add nothing")
    assert f'revision = "{NEXT}"' in (scripts / "versions" / f"{NEXT}_add_nothing.py").read_text()


def test_the_first_revision_is_written_whole(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """With no revision before it, a script makes every table and the search index, in types that fit both databases."""
    scripts = tmp_path / "migrations"
    shutil.copytree(migrate._SCRIPTS, scripts, ignore=shutil.ignore_patterns("0*.py"))
    monkeypatch.setattr(migrate, "_SCRIPTS", scripts)
    write_next_migration("initial")
    script = (scripts / "versions" / "0001_initial.py").read_text()
    assert script.count("op.create_table(") == len(METADATA.tables)
    for words in ("BigKey", "UtcDateTime()", "postgresql.JSONB()", "search_index(op.get_bind()).create("):
        assert words in script
