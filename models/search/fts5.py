"""A query as FTS5 is asked it, over the columns title, body, title_stems and body_stems."""

from models.search.interface import InTitle
from models.search.query import Query, QueryTerm


def expression(query: Query, title: InTitle | None = None) -> str:
    """Return what finds a query's stories; or those alone whose title says it so."""
    words = " AND ".join(any_of(group) for group in query.groups)
    in_words, in_forms = f"{{title}} : ({words})", f"{{title title_stems}} : ({words})"
    wanted = {None: words, InTitle.WORDS: in_words, InTitle.FORMS: f"({in_forms}) NOT ({in_words})"}[title]
    return f"({wanted}) NOT {any_of(query.excluded)}" if query.excluded else wanted


def any_of(terms: tuple[QueryTerm, ...]) -> str:
    """Return what finds the stories that have any of these."""
    return f"({' OR '.join(_phrase(term) for term in terms)})"


def _phrase(term: QueryTerm) -> str:
    """Quote the tokens; none of them can hold a quote."""
    rows = [f'"{" ".join(row)}"' for row in term.rows]
    return f"{rows[0]} *" if term.is_prefix else " OR ".join(rows)
