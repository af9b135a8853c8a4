"""What all tables share: how a class becomes one, names of constraints, types of columns, keys.

A table is a class whose attributes are its columns, as SQLAlchemy's ORM has it, and plain Core beneath: nothing here
keeps objects of rows, and the ORM would be a sixth of a small command.
"""

from collections.abc import Mapping
from datetime import date, datetime
from types import UnionType
from typing import Any, ClassVar, Final, NamedTuple, TypeVar, cast, get_args

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    FromClause,
    Identity,
    LargeBinary,
    MetaData,
    Table,
    Text,
)
from sqlalchemy.schema import SchemaItem

from models.storage.database import BigKey, Json, UtcDateTime

NAMING: Final = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
_TYPES: Final[Mapping[Any, Any]] = {
    bool: Boolean,
    bytes: LargeBinary,
    date: Date,
    datetime: UtcDateTime,
    dict[str, Any]: Json,
    float: Float,
    int: BigKey,
    list[Any]: Json,
    str: Text,
}

_Model = TypeVar("_Model", bound="Base")


class Base:
    """Base class of all tables. Its annotations are the columns; `Column[str | None]` is one that may be empty."""

    metadata: ClassVar[MetaData] = MetaData(naming_convention=NAMING)
    __tablename__: ClassVar[str]
    __table_args__: ClassVar[tuple[SchemaItem, ...]] = ()
    __table__: ClassVar[Table]

    def __init_subclass__(cls, *, sqlite_with_rowid: bool = True) -> None:
        columns = [_column(name, kind, vars(cls).get(name)) for name, kind in cls.__annotations__.items()]
        cls.__table__ = Table(
            cls.__tablename__, cls.metadata, *columns, *cls.__table_args__, sqlite_with_rowid=sqlite_with_rowid
        )
        for one in columns:
            setattr(cls, one.name, one)

    @classmethod
    def __clause_element__(cls) -> Table:
        """Return what SQLAlchemy takes the class for in a statement."""
        return cls.__table__


class _Told(NamedTuple):
    """What is said of a column beside its name and its type."""

    items: tuple[SchemaItem, ...]
    options: Mapping[str, Any]


def column(*items: SchemaItem, **options: Any) -> Column[Any]:  # noqa: ANN401 (SQLAlchemy's own options)
    """Say more of a column than its annotation does."""
    return cast("Column[Any]", _Told(items, options))


def own_key() -> Column[int]:
    """Make the key that the database counts itself."""
    return column(Identity(), primary_key=True)


def refers_to(
    key: str, *, on_delete: str, primary_key: bool = False, index: bool = False, name: str | None = None
) -> Column[Any]:
    """Make a foreign key; on_delete says what happens to this row when that one goes."""
    return column(ForeignKey(key, ondelete=on_delete, name=name), primary_key=primary_key, index=index)


def alias_of(model: type[_Model]) -> type[_Model]:
    """Return a table under another name, for a statement that has it twice."""
    alias: FromClause = model.__table__.alias()
    columns: dict[str, Any] = dict(alias.c)
    return cast("type[_Model]", type(model.__name__, (), {**columns, "__clause_element__": lambda: alias}))


def _column(name: str, kind: Any, told: _Told | None) -> Column[Any]:  # noqa: ANN401 (an annotation)
    """Make a column of its annotation, such as Column[str | None]."""
    (meant,) = get_args(kind)
    is_nullable = isinstance(meant, UnionType)
    items, options = told or _Told((), {})
    return Column(name, _TYPES[get_args(meant)[0] if is_nullable else meant], *items, nullable=is_nullable, **options)
