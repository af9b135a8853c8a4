"""The door to models.search for processes without a database: a story's words, ready to be indexed."""

from msgspec import Struct

from models.search.prepared import prepared


class Wording(Struct, frozen=True):
    """What of a story is indexed: equal ones have equal words."""

    title: str
    text: str
    language: str | None


def words_for(database: str, wording: Wording) -> tuple[str, ...]:
    """Return what the search index of a kind of database (sqlite, postgresql) keeps of a story."""
    return prepared(database, wording.title, wording.text, wording.language)
