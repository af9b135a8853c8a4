"""INSERTs that SQLAlchemy compiles once and the driver then runs: a document writes ten small batches of rows.

SQLAlchemy remembers no INSERT with ON CONFLICT, and what it does for each batch costs more than the rows themselves.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct
from sqlalchemy import ColumnElement, Dialect, Insert, Table
from sqlalchemy.sql.base import ReadOnlyColumnCollection

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

_REMEMBERED: Final = 200  # statements: of several databases in one process

_Excluded = ReadOnlyColumnCollection[str, Any]


class Conflict(Struct, frozen=True, kw_only=True):
    """What an upsert does with a row that is already there."""

    index_elements: Sequence[str]  # the columns of the unique constraint that tells
    update: Sequence[str] = ()  # the columns that take the new row's value; none: the old row stays as it is
    add: Sequence[str] = ()  # the columns to which the new row's value is added
    where: Callable[[_Excluded], ColumnElement[bool]] | None = None  # given the new row's columns: update only if true


class Prepared(Struct, frozen=True):
    """A statement as the driver takes it, and how each of its values is made ready."""

    sql: str
    is_positional: bool
    parameters: tuple[tuple[str, Callable[[Any], Any] | None], ...]

    def values_of(self, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
        """Return rows as the driver takes them. Raise KeyError where one lacks a column."""
        names = [name for name, _ in self.parameters]
        # Column by column: what asks nothing of a value is done without a step of Python for each.
        columns = [map(itemgetter(name), rows) for name in names]
        made = [
            map(make, values) if make else values for (_, make), values in zip(self.parameters, columns, strict=True)
        ]
        tuples = list(zip(*made, strict=True))
        return tuples if self.is_positional else [dict(zip(names, values, strict=True)) for values in tuples]

    def values_in(self, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> Sequence[Any]:
        """Return rows as the driver takes them; each is the values of these columns."""
        if self.is_positional and self.parameters == tuple((name, None) for name in columns):
            return rows
        return self.values_of([dict(zip(columns, row, strict=True)) for row in rows])


def prepared_insert(dialect: Dialect, table: Table, columns: Iterable[str], conflict: Conflict | None) -> Prepared:
    """Return the INSERT of rows with these columns; without a conflict, one with a row already there raises."""
    if conflict is not None:
        conflict = Conflict(
            index_elements=tuple(conflict.index_elements),
            update=tuple(conflict.update),
            add=tuple(conflict.add),
            where=conflict.where,
        )
    return _prepared(dialect, table, tuple(columns), conflict)


@lru_cache(maxsize=_REMEMBERED)
def _prepared(dialect: Dialect, table: Table, columns: tuple[str, ...], conflict: Conflict | None) -> Prepared:
    insert = _insert_of(dialect, table)
    statement: Insert = insert if conflict is None else _with_conflict(insert, conflict)
    compiled = statement.compile(dialect=dialect, column_keys=list(columns))
    make = {name: table.c[name].type.dialect_impl(dialect).bind_processor(dialect) for name in columns}
    return Prepared(
        sql=str(compiled),
        is_positional=compiled.positional,
        parameters=tuple((name, make[name]) for name in compiled.positiontup or columns),
    )


def _insert_of(dialect: Dialect, table: Table) -> "sqlite.Insert | postgresql.Insert":
    """Return a dialect's own INSERT. The other dialect is not loaded: PostgreSQL's is large."""
    if dialect.name == "sqlite":
        from sqlalchemy.dialects import sqlite

        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql

    return postgresql.insert(table)


def _with_conflict(
    statement: "sqlite.Insert | postgresql.Insert", conflict: Conflict
) -> "sqlite.Insert | postgresql.Insert":
    if not conflict.update and not conflict.add:
        return statement.on_conflict_do_nothing(index_elements=conflict.index_elements)
    added = {name: statement.table.c[name] + statement.excluded[name] for name in conflict.add}
    return statement.on_conflict_do_update(
        index_elements=conflict.index_elements,
        set_={name: statement.excluded[name] for name in conflict.update} | added,
        where=conflict.where(statement.excluded) if conflict.where else None,
    )
