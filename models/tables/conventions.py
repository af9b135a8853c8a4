"""What all tables share: names of constraints, types of columns, keys."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Identity, LargeBinary, MetaData, Text
from sqlalchemy.orm import DeclarativeBase, MappedColumn, mapped_column

from models.database import BigKey, Json, UtcDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Base class of all tables: names of constraints, types of columns."""

    metadata = MetaData(naming_convention=NAMING)
    type_annotation_map = {  # noqa: RUF012 (SQLAlchemy reads it as a plain class attribute)
        datetime: UtcDateTime,
        int: BigKey,
        str: Text,
        dict[str, Any]: Json,
        list[Any]: Json,
        bytes: LargeBinary,
    }


def own_key() -> MappedColumn[int]:
    """Make the key that the database counts itself."""
    return mapped_column(Identity(), primary_key=True)


def refers_to(column: str, *, on_delete: str, primary_key: bool = False, index: bool = False) -> MappedColumn[Any]:
    """Make a foreign key; on_delete says what happens to this row when that one goes."""
    return mapped_column(ForeignKey(column, ondelete=on_delete), primary_key=primary_key, index=index)
