"""The languages whose word forms an index holds: a query asks for the forms of these alone, whatever else has stems.

A code stands there from the first story on that was indexed with its stems, and stays. So a stem of any other language
is in no row: to ask for it too would find the same, in the same order.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Column, Connection, MetaData, Table, Text, select

from models.search.interface import TABLE_PREFIX
from models.search.stems import stem_language
from models.storage.database import Conflict, upsert

LANGUAGES: Final = Table(f"{TABLE_PREFIX}_languages", MetaData(), Column("code", Text, primary_key=True))
_HELD: Final = select(LANGUAGES.c.code)


def note_languages(connection: Connection, tags: Iterable[str | None]) -> None:
    """Note the languages of stories that are being indexed; of those without stems none."""
    codes = sorted({code for tag in tags if (code := stem_language(tag))})
    upsert(connection, LANGUAGES, [{"code": code} for code in codes], Conflict(index_elements=["code"]))


def held_languages(connection: Connection) -> frozenset[str]:
    """Return the codes of the languages whose stems the index holds."""
    return frozenset(connection.scalars(_HELD))
