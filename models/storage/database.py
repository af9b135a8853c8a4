"""The database: an engine from a URL, the column types both databases share, the writer's transaction, the upsert.

What differs between SQLite and PostgreSQL is decided here and in models/search; the rest of the code knows neither.
"""

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from itertools import islice
from typing import Any, Final, TypeVar

from sqlalchemy import (
    JSON,
    URL,
    BigInteger,
    Connection,
    DateTime,
    Dialect,
    Engine,
    Integer,
    String,
    Table,
    TypeDecorator,
    create_engine,
    event,
    func,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError
from sqlalchemy.types import TypeEngine

from models import json_text
from models._sql.prepared import Conflict as Conflict
from models._sql.prepared import prepared_insert
from models.errors import ConfigError, StorageError
from models.storage.database_errors import require_utf8, storage_errors

BATCH_ROWS: Final = 500  # rows sent at once: few round trips, and far from SQLite's limit of variables

# Execution option of an engine: what opens a transaction on SQLite; nothing, for what cannot run inside one.
SQLITE_BEGIN: Final = "sqlite_begin"

_JSON: Final[Mapping[str, Any]] = {"json_serializer": json_text.encode_text, "json_deserializer": json_text.decode}
# One number for all archives: a PostgreSQL advisory lock is a database's own. Spells "climate" in ASCII.
_WRITER_LOCK: Final = 0x63_6C_69_6D_61_74_65
_TAKE_WRITER_LOCK: Final = select(func.pg_advisory_xact_lock(_WRITER_LOCK))

_BUSY_S: Final = 30
_SQLITE_PRAGMAS: Final = (
    f"PRAGMA busy_timeout={_BUSY_S * 1000}",  # milliseconds; first, so that the next ones wait too
    "PRAGMA synchronous=NORMAL",
    "PRAGMA foreign_keys=ON",
    "PRAGMA temp_store=MEMORY",
)

_POSTGRESQL_CONNECT: Final[Mapping[str, str | int]] = {
    "application_name": "climate-archive",
    "client_encoding": "utf8",  # whatever PGCLIENTENCODING says
    "connect_timeout": 10,  # seconds
    "keepalives": 1,
    "keepalives_idle": 30,  # seconds; a peer that died silently is noticed within about a minute
    "keepalives_interval": 10,
    "keepalives_count": 3,
    "tcp_user_timeout": 60_000,  # milliseconds, for bytes that nobody acknowledges
    # The default cost of a page out of order is that of a disk that seeks: by it a search reads every row where it can
    # go by its index. And what is asked here is over before a compiled plan has paid.
    "options": "-c timezone=utc -c random_page_cost=1.1 -c jit=off",
}

# The key of a table: BIGINT on PostgreSQL; SQLite gives row ids to a column of type INTEGER only.
BigKey: Final[TypeEngine[int]] = BigInteger().with_variant(Integer(), "sqlite")

_T = TypeVar("_T")


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment in UTC; a naive one raises ValueError.

    SQLite has no such type: there it is ISO text of a fixed width, so that texts sort and compare as their moments do.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose text of 32 characters on SQLite, TIMESTAMP WITH TIME ZONE elsewhere."""
        chosen: TypeEngine[Any] = String(32) if dialect.name == "sqlite" else DateTime(timezone=True)
        return dialect.type_descriptor(chosen)

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | str | None:
        """Turn a moment into what the driver stores."""
        if value is None:
            return None
        return _iso(value) if dialect.name == "sqlite" else _utc(value)

    def process_result_value(
        self,
        value: datetime | str | None,
        dialect: Dialect,  # noqa: ARG002 - SQLAlchemy hands it over
    ) -> datetime | None:
        """Turn what the driver gives back into a moment in UTC."""
        if value is None:
            return None
        moment = datetime.fromisoformat(value) if isinstance(value, str) else value
        return moment.astimezone(UTC)


class Json(TypeDecorator[Any]):
    """JSON text on SQLite, JSONB on PostgreSQL, whose dialect an archive on SQLite does not load."""

    impl = JSON
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose JSONB on PostgreSQL."""
        if dialect.name != "postgresql":
            return dialect.type_descriptor(JSON())
        from sqlalchemy.dialects.postgresql import JSONB

        return dialect.type_descriptor(JSONB())


@lru_cache(maxsize=1024)
def _iso(moment: datetime) -> str:
    # A run writes the same moment into thousands of columns.
    return _utc(moment).isoformat(timespec="microseconds")


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"{moment!r} has no time zone: the archive keeps aware moments only")
    return moment.astimezone(UTC)


def create_database_engine(url: str) -> Engine:
    """Make the sync engine for a URL: sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME. Connects to nothing yet.

    Raise ConfigError where the URL is neither.
    """
    parsed = _parse_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _create_sqlite_engine(parsed)
    return _create_postgresql_engine(parsed)


@contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, which hinders no writer. Raise StorageError."""
    with storage_errors(engine), engine.begin() as connection:
        yield connection


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads, and sees all along what it saw first. Raise StorageError.

    That is what `reading` gives on SQLite; on PostgreSQL there each statement sees what was committed before it.
    """
    with storage_errors(engine), engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def write_transaction(engine: Engine) -> Iterator[Connection]:
    """Open the transaction of the one writer; commit at the end, roll back on any exception. Raise StorageError.

    Where another writer is at work it waits for it first, so that what is read inside holds until the commit.
    """
    with storage_errors(engine), engine.connect() as connection:
        connection.execution_options(**{SQLITE_BEGIN: "BEGIN IMMEDIATE"})
        with connection.begin():
            if engine.dialect.name == "postgresql":
                connection.execute(_TAKE_WRITER_LOCK)
            yield connection


def forget_pages(engine: Engine) -> None:
    """Close the connections to an SQLite file that nobody uses: each keeps some megabytes of its pages."""
    if engine.dialect.name == "sqlite":
        engine.dispose()


def insert_rows(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows, all with the same columns. In batches, on either database."""
    _write(connection, table, rows, None)


def insert_values(connection: Connection, table: Table, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Insert rows that are given as the values of these columns, in their order: small ones take a sixth less."""
    statement = prepared_insert(connection.dialect, table, columns, None)
    for batch in batches(rows):
        connection.exec_driver_sql(statement.sql, statement.values_in(columns, batch))


def upsert(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], conflict: Conflict) -> None:
    """Insert rows, all with the same columns, and treat those already there as told. In batches, on either database."""
    _write(connection, table, rows, conflict)


def batches(items: Iterable[_T], size: int = BATCH_ROWS) -> Iterator[list[_T]]:
    """Cut items into lists of at most size, in order; for an IN (...) too, whose variables SQLite limits."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def _parse_url(url: str) -> URL:
    mistake = "The database URL is wrong: write sqlite:///PATH or postgresql://USER:PASSWORD@HOST/NAME"
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # their texts may hold the password
        raise ConfigError(mistake) from None
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return parsed
    if parsed.drivername in {"postgres", "postgresql", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise ConfigError(f'{mistake}, not "{parsed.drivername}://"')


def _create_sqlite_engine(url: URL) -> Engine:
    engine = create_engine(url, **_JSON)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def create_sqlite_reader(url: URL, uri: str) -> Engine:
    """Make the engine for an SQLite file that may only be read, opened by SQLite's own URI for it."""
    engine = create_engine(
        url, creator=lambda: sqlite3.connect(uri, uri=True, check_same_thread=False, isolation_level=None), **_JSON
    )
    event.listen(engine, "connect", lambda dbapi, _record: dbapi.execute("PRAGMA temp_store=MEMORY"))
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(dbapi_connection: sqlite3.Connection, _record: object) -> None:
    dbapi_connection.isolation_level = None  # the driver's own BEGIN comes late and never before a SELECT
    for pragma in _SQLITE_PRAGMAS:
        dbapi_connection.execute(pragma)
    _write_ahead(dbapi_connection)


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Have the file written ahead. A new one that another process writes SQLite refuses at once: it is waited for."""
    end = time.monotonic() + _BUSY_S
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > end:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    begin = connection.get_execution_options().get(SQLITE_BEGIN, "BEGIN")
    if begin:
        connection.exec_driver_sql(begin)


def _create_postgresql_engine(url: URL) -> Engine:
    connect = {name: value for name, value in _POSTGRESQL_CONNECT.items() if name not in url.query}
    # With a stricter level the writer's view would be older than its lock.
    engine = create_engine(url, connect_args=connect, pool_pre_ping=True, isolation_level="READ COMMITTED", **_JSON)
    event.listen(engine, "connect", _require_utf8_of(url))
    return engine


def _require_utf8_of(url: URL) -> Callable[[Any, object], None]:
    def check(connection: Any, _record: object) -> None:  # noqa: ANN401 (the driver's, which only PostgreSQL needs)
        try:
            require_utf8(url, connection.info.parameter_status("server_encoding"))
        except StorageError:
            connection.close()
            raise

    return check


def _write(connection: Connection, table: Table, rows: Iterable[Mapping[str, Any]], conflict: Conflict | None) -> None:
    for batch in batches(rows):
        statement = prepared_insert(connection.dialect, table, batch[0], conflict)
        connection.exec_driver_sql(statement.sql, statement.values_of(batch))
