"""A query as FTS5 is asked it, over the columns title, body, title_stems and body_stems."""

from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Float,
    Integer,
    Select,
    case,
    column,
    false,
    literal,
    literal_column,
    select,
    table,
)

from models.search.interface import TABLE_PREFIX, Among, Best, InTitle
from models.search.query import Query, QueryTerm

INDEX: Final = table(TABLE_PREFIX, column("rowid", Integer))

# bm25 is the lower the better; a word of the title weighs as much as five of the body, another form of it half of that.
_RANK: Final = "-bm25(story_search, 5.0, 1.0, 2.5, 0.5)"


def finds(query: Query, title: InTitle | None = None) -> ColumnElement[bool]:
    """Tell of a row whether a query finds it; or whether its title says it so."""
    if title is not None and not title.may_say(query):
        return false()
    if query.groups:
        return _match(_expression(query, title))
    if not query.excluded:
        return false()
    return INDEX.c.rowid.not_in(select(INDEX.c.rowid).where(_match(_any_of(query.excluded))))


def _match(expression: str) -> ColumnElement[bool]:
    return literal_column(TABLE_PREFIX).bool_op("MATCH")(expression)


def ranked(found: Select[Any], query: Query, among: Among, wanted: Best | None = None) -> Select[Any]:
    """Rank what a query finds: by its title where that says it all, and that counts, else by all of its words."""
    rank: ColumnElement[float] = literal_column(_RANK, Float) if query.groups else literal(0.0)
    titles = [title for title in InTitle if title.may_say(query) and not (wanted and wanted.by_words)]
    told = [(INDEX.c.rowid.in_(_told_by_title(query, title, among)), literal(title.rank)) for title in titles]
    return found.add_columns((case(*told, else_=rank) if told else rank).label("rank"))


def _told_by_title(query: Query, title: InTitle, among: Among) -> Select[tuple[int]]:
    places = select(INDEX.c.rowid).where(finds(query, title))
    return places if among.first is None else places.where(INDEX.c.rowid >= among.first)


def _expression(query: Query, title: InTitle | None = None) -> str:
    words = " AND ".join(_any_of(group) for group in query.groups)
    in_words, in_forms = f"{{title}} : ({words})", f"{{title title_stems}} : ({words})"
    wanted = {None: words, InTitle.WORDS: in_words, InTitle.FORMS: f"({in_forms}) NOT ({in_words})"}[title]
    return f"({wanted}) NOT {_any_of(query.excluded)}" if query.excluded else wanted


def _any_of(terms: tuple[QueryTerm, ...]) -> str:
    return f"({' OR '.join(_phrase(term) for term in terms)})"


def _phrase(term: QueryTerm) -> str:
    """Quote the tokens; none of them can hold a quote."""
    wanted = [(*term.tokens[:-1], word) for word in term.begun] if term.begun else term.rows
    rows = [f'"{" ".join(row)}"' for row in wanted]
    return f"{rows[0]} *" if term.is_prefix and not term.begun else " OR ".join(rows)
