"""Both databases behave alike: moments, the one writer, the upsert."""

import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from threading import Semaphore

import pytest
from sqlalchemy import (
    Column,
    Engine,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    event,
    func,
    insert,
    make_url,
    select,
    text,
)
from sqlalchemy.exc import IntegrityError, ProgrammingError, StatementError

from models._sql.lists import is_one_of
from models.errors import ConfigError, StorageError
from models.storage.database import (
    BigKey,
    Conflict,
    UtcDateTime,
    batches,
    create_database_engine,
    read_transaction,
    upsert,
    write_transaction,
)
from tests.databases import about_sqlite, on_postgresql
from tests.processes import PATIENCE_S

THINGS = Table(
    "things",
    MetaData(),
    Column("id", BigKey, primary_key=True),
    Column("feed", String, nullable=False),
    Column("name", String, nullable=False),
    Column("value", BigKey),
    Column("at", UtcDateTime),
    UniqueConstraint("feed", "name"),
)
NOON = datetime(2026, 3, 29, 12, 0, tzinfo=UTC)


@pytest.fixture
def things(empty_database_url: str) -> Iterator[Engine]:
    """Give an engine on a database with one table."""
    engine = create_database_engine(empty_database_url)
    with write_transaction(engine) as connection:
        THINGS.create(connection)
    yield engine
    engine.dispose()


def _put(engine: Engine, rows: list[dict[str, object]], **conflict: object) -> None:
    with write_transaction(engine) as connection:
        upsert(connection, THINGS, rows, Conflict(index_elements=["feed", "name"], **conflict))  # type: ignore[arg-type]


def _values(engine: Engine) -> list[tuple[str, int | None]]:
    with read_transaction(engine) as connection:
        return [tuple(row) for row in connection.execute(select(THINGS.c.name, THINGS.c.value).order_by(THINGS.c.name))]


def test_a_moment_comes_back_in_utc(things: Engine):
    """A moment of any zone is kept to the microsecond and comes back as the same moment in UTC."""
    tokyo = datetime(2026, 3, 29, 21, 0, 0, 7, tzinfo=timezone(timedelta(hours=9)))
    _put(things, [{"feed": "a", "name": "x", "at": tokyo}, {"feed": "a", "name": "y", "at": None}])
    with read_transaction(things) as connection:
        moments = connection.execute(select(THINGS.c.at).order_by(THINGS.c.name)).scalars().all()
    assert moments == [NOON.replace(microsecond=7), None]
    assert moments[0].tzinfo is UTC


def test_a_naive_moment_is_refused(things: Engine):
    """A moment without a zone is a bug, and never reaches the table."""
    with pytest.raises(StatementError, match="has no time zone"), write_transaction(things) as connection:
        connection.execute(insert(THINGS).values(feed="a", name="x", at=NOON.replace(tzinfo=None)))
    assert _values(things) == []


def test_moments_sort_and_compare(things: Engine):
    """Order and comparison are those of the moments, with and without a fraction, however early the year."""
    moments = [NOON.replace(year=70), NOON - timedelta(microseconds=1), NOON, NOON + timedelta(microseconds=1)]
    _put(things, [{"feed": "a", "name": str(number), "at": at} for number, at in enumerate(reversed(moments))])
    with read_transaction(things) as connection:
        assert connection.execute(select(THINGS.c.at).order_by(THINGS.c.at)).scalars().all() == moments
        since_noon = select(func.count()).where(THINGS.c.at >= NOON)
        assert connection.execute(since_noon).scalar_one() == 2


def test_an_upsert_inserts_then_updates(things: Engine):
    """Rows that are there take the named columns, the others stay; new rows are added."""
    _put(things, [{"feed": "a", "name": "x", "value": 1, "at": NOON}])
    later = NOON + timedelta(days=1)
    rows = [{"feed": "a", "name": "x", "value": 2, "at": later}, {"feed": "a", "name": "y", "value": 3, "at": later}]
    _put(things, rows, update=["value"])
    assert _values(things) == [("x", 2), ("y", 3)]
    with read_transaction(things) as connection:
        assert connection.execute(select(THINGS.c.at).where(THINGS.c.name == "x")).scalar_one() == NOON


def test_an_upsert_without_columns_leaves_what_is_there(things: Engine):
    """Without columns to update the older row wins."""
    _put(things, [{"feed": "a", "name": "x", "value": 1}])
    _put(things, [{"feed": "a", "name": "x", "value": 2}, {"feed": "b", "name": "y", "value": 3}])
    assert _values(things) == [("x", 1), ("y", 3)]


def test_an_upsert_may_depend_on_the_old_row(things: Engine):
    """A condition compares the new row with the one that is there."""
    _put(things, [{"feed": "a", "name": "x", "value": 5}, {"feed": "a", "name": "y", "value": 1}])
    rows = [{"feed": "a", "name": "x", "value": 3}, {"feed": "a", "name": "y", "value": 3}]
    _put(things, rows, update=["value"], where=lambda new: new.value > THINGS.c.value)
    assert _values(things) == [("x", 5), ("y", 3)]


def test_the_last_of_equal_rows_wins(things: Engine):
    """Equal keys in one call are no error: they are taken in order."""
    _put(things, [{"feed": "a", "name": "x", "value": value} for value in (1, 2)], update=["value"])
    assert _values(things) == [("x", 2)]


def test_an_upsert_takes_more_rows_than_a_statement_has_variables(things: Engine):
    """Any number of rows goes in by batches, from a generator too."""
    with write_transaction(things) as connection:
        rows = ({"feed": "a", "name": f"{number:05}", "value": number} for number in range(2_001))
        upsert(connection, THINGS, rows, Conflict(index_elements=["feed", "name"]))
    assert len(_values(things)) == 2_001


def test_an_upsert_of_nothing_does_nothing(things: Engine):
    """No rows, no statement."""
    _put(things, [])
    assert _values(things) == []


def test_batches_keep_the_order():
    """Items are cut into lists of the size, the last one shorter."""
    assert list(batches(range(5), 2)) == [[0, 1], [2, 3], [4]]
    assert list(batches([])) == []


def test_an_exception_rolls_the_writer_back(things: Engine):
    """Whatever goes wrong inside, nothing of the transaction stays."""
    with pytest.raises(IntegrityError), write_transaction(things) as connection:
        connection.execute(insert(THINGS), [{"feed": "a", "name": "x"}, {"feed": "a", "name": "x"}])
    assert _values(things) == []


def test_a_reader_sees_one_moment_and_hinders_no_writer(things: Engine):
    """What is committed while a reader reads is not seen by it on SQLite, and is written meanwhile on both."""
    with read_transaction(things) as reader:
        count = select(func.count()).select_from(THINGS)
        assert reader.execute(count).scalar_one() == 0
        _put(things, [{"feed": "a", "name": "x"}])
        seen = reader.execute(count).scalar_one()
    assert seen == (0 if things.dialect.name == "sqlite" else 1)


def test_writers_wait_for_each_other(things: Engine):
    """A second writer begins when the first has committed, and reads what it wrote."""
    first_is_in = threading.Event()
    seen: list[str] = []

    def second() -> None:
        first_is_in.wait(PATIENCE_S)
        with write_transaction(things) as connection:
            seen.extend(connection.execute(select(THINGS.c.name)).scalars())

    thread = threading.Thread(target=second)
    thread.start()
    with write_transaction(things) as connection:
        first_is_in.set()
        connection.execute(insert(THINGS).values(feed="a", name="x"))
    thread.join(PATIENCE_S)
    assert seen == ["x"]


def test_a_bug_of_ours_is_no_trouble_of_the_storage(things: Engine):
    """A broken constraint and a wrong statement come out as they are."""
    with pytest.raises(IntegrityError), write_transaction(things) as connection:
        connection.execute(insert(THINGS).values(feed=None, name="x"))
    kind = Exception if things.dialect.name == "sqlite" else ProgrammingError
    with pytest.raises(kind, match="nowhere") as raised, read_transaction(things) as connection:
        connection.execute(text("SELECT * FROM nowhere"))
    assert not isinstance(raised.value, StorageError)


def test_foreign_keys_hold(engine: Engine):
    """Rows may not point to what is not there."""
    with pytest.raises(IntegrityError), write_transaction(engine) as connection:
        connection.execute(text("INSERT INTO search_queue (story_id, queued_at) VALUES (1, '2026-01-01 00:00:00+00')"))


@about_sqlite
def test_sqlite_is_set_up(engine: Engine):
    """Every connection has the settings that the archive stands on."""
    with read_transaction(engine) as connection:
        for pragma, value in {
            "journal_mode": "wal",
            "synchronous": 1,
            "foreign_keys": 1,
            "busy_timeout": 30000,
            "temp_store": 2,
        }.items():
            assert connection.exec_driver_sql(f"PRAGMA {pragma}").scalar() == value, pragma


@about_sqlite
def test_a_new_file_that_another_process_writes_is_waited_for(empty_database_url: str):
    """SQLite answers at once there that it is busy, however long it is told to wait."""
    path = make_url(empty_database_url).database
    assert path is not None
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    engine, asked = create_database_engine(empty_database_url), Semaphore(0)

    def watch(connection: sqlite3.Connection, _record: object) -> None:
        connection.set_trace_callback(lambda said: asked.release() if "journal_mode" in said else None)

    event.listen(engine, "connect", watch, insert=True)
    with ThreadPoolExecutor(1) as pool:
        mode = pool.submit(_journal_mode, engine)
        assert asked.acquire(timeout=PATIENCE_S)
        assert asked.acquire(timeout=PATIENCE_S)  # it has asked again
        other.execute("COMMIT")
        assert mode.result(PATIENCE_S) == "wal"
    other.close()
    engine.dispose()


def _journal_mode(engine: Engine) -> str | None:
    with engine.connect() as connection:
        return connection.exec_driver_sql("PRAGMA journal_mode").scalar()


@on_postgresql
def test_postgresql_is_set_up(engine: Engine):
    """Every connection is named, speaks UTC and sees what is committed."""
    with read_transaction(engine) as connection:
        for name, value in {
            "application_name": "climate-archive",
            "TimeZone": "UTC",
            "transaction_isolation": "read committed",
        }.items():
            assert connection.execute(select(func.current_setting(name))).scalar() == value, name


@pytest.mark.parametrize("url", ["postgres://u@h/n", "postgresql://u@h/n", "postgresql+psycopg://u@h/n"])
def test_postgresql_is_spelt_in_several_ways(url: str):
    """Every usual spelling means PostgreSQL by psycopg 3."""
    assert create_database_engine(url).url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize(
    "url",
    ["", "archive.db", "mysql://u:s3cret@h/n", "postgresql+asyncpg://u:s3cret@h/n", "postgresql://u:s3cret@h:x/n"],
)
def test_another_url_is_a_mistake_of_the_configuration(url: str):
    """A URL of any other kind is refused before anything is done, and no password is shown."""
    with pytest.raises(ConfigError, match="database URL is wrong") as raised:
        create_database_engine(url)
    assert "s3cret" not in str(raised.value)
    assert raised.value.__cause__ is None


@pytest.mark.parametrize("size", [0, 1, 40_000])
def test_a_list_of_any_length_is_one_parameter(things: Engine, size: int):
    """Neither an empty list nor one beyond the databases' limit of variables is special; texts and numbers serve."""
    _put(things, [{"feed": "a", "name": name, "value": number} for number, name in enumerate("x\"'[")])
    names = [*("x\"'["[:size]), *(f"other {number}" for number in range(size))]
    by_name = select(THINGS.c.name).where(is_one_of(THINGS.c.name, "names")).order_by(THINGS.c.value)
    by_value = select(THINGS.c.name).where(is_one_of(THINGS.c.value, "values")).order_by(THINGS.c.value)
    with read_transaction(things) as connection:
        assert connection.scalars(by_name, {"names": names}).all() == list("x\"'["[:size])
        assert connection.scalars(by_value, {"values": list(range(size))}).all() == list("x\"'["[:size])
