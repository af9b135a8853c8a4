"""A list as one bound parameter: the statement reads the same for any length, so that nothing compiles it anew."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ARRAY, ColumnElement, Dialect, Text, TypeDecorator, bindparam
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeEngine

from models import json_text


def is_one_of(column: ColumnElement[Any], parameter: str, values: Sequence[Any] | None = None) -> ColumnElement[bool]:
    """Tell whether a column's value stands in a list of any length: the parameter's, or the values given here."""
    type_ = _ListOf(column.type)
    given = bindparam(parameter, type_=type_) if values is None else bindparam(parameter, list(values), type_=type_)
    return _IsOneOf(column, given)


class _ListOf(TypeDecorator[list[Any]]):
    """An array on PostgreSQL; JSON on SQLite, which has none."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = of

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> str | list[Any]:
        bind = self.of.bind_processor(dialect) if dialect.name == "sqlite" else None
        values = [bind(one) for one in value or ()] if bind else list(value or ())
        return json_text.encode_text(values) if dialect.name == "sqlite" else values


class _IsOneOf(FunctionElement[bool]):
    inherit_cache = True


@compiles(_IsOneOf, "sqlite")
def _in_json(element: _IsOneOf, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608 - compiled parts, no value among them


@compiles(_IsOneOf, "postgresql")
def _any_of_array(element: _IsOneOf, compiler: SQLCompiler, **options: object) -> str:
    column, values = (compiler.process(part, **options) for part in element.clauses)
    return f"{column} = ANY({values})"
