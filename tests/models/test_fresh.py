"""A new archive has the tables that the migrations would have made."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, inspect, text

from models.migrations.fresh import made_new
from models.migrations.migrate import differences, is_current
from models.search.interface import TABLE_PREFIX
from models.storage.database import create_database_engine, read_transaction

# Of the index's tables, those that SQLite does not make.
OWN = {f"{TABLE_PREFIX}_{name}" for name in ("moved", "rows", "languages")}


def test_a_new_archive_is_as_the_migrations_make_one(engine: Engine, empty_database_url: str) -> None:
    """In its columns with their defaults, keys, references, indexes, constraints, in its search index and its rows."""
    fresh = create_database_engine(empty_database_url)
    assert made_new(fresh)
    assert is_current(fresh)
    assert differences(fresh) == []
    assert _shape(fresh) == _shape(engine)
    assert _rows(fresh) == _rows(engine)
    assert _index_options(fresh) == _index_options(engine)
    fresh.dispose()


def test_what_holds_anything_is_left_alone(engine: Engine) -> None:
    """Whoever made it."""
    assert not made_new(engine)


def _shape(engine: Engine) -> dict[str, Any]:
    found = inspect(engine)
    asked: tuple[Callable[[str], Any], ...] = (
        found.get_columns,
        lambda table: [found.get_pk_constraint(table)],
        found.get_foreign_keys,
        found.get_indexes,
        found.get_unique_constraints,
        found.get_check_constraints,
        lambda table: [found.get_table_options(table)] if engine.dialect.name == "sqlite" else [],
    )
    return {
        table: [sorted(map(_described, ask(table))) for ask in asked]
        for table in found.get_table_names()
        if not table.startswith(f"{TABLE_PREFIX}_") or table in OWN
    }


def _index_options(engine: Engine) -> list[Any]:
    """Return how PostgreSQL keeps the words of the search index, and whether it counts them."""
    if engine.dialect.name == "sqlite":
        return []
    kept = "SELECT reloptions FROM pg_class WHERE relname = 'story_search'"
    counted = "SELECT attstattarget FROM pg_attribute WHERE attrelid = 'story_search'::regclass AND attname = 'words'"
    with read_transaction(engine) as connection:
        return [connection.scalar(text(kept)), connection.scalar(text(counted))]


def _described(value: Any) -> str:
    options = {name: str(one) for name, one in value.get("dialect_options", {}).items()}
    return str(sorted((name, str(one)) for name, one in (value | {"dialect_options": options}).items()))


def _rows(engine: Engine) -> dict[str, int | None]:
    with read_transaction(engine) as connection:
        return {
            table: connection.scalar(text(f'SELECT count(*) FROM "{table}"'))
            for table in inspect(engine).get_table_names()
            if not table.startswith(TABLE_PREFIX)
        }
