"""What an assistant may ask: each tool's arguments, bounded. What is misspelt is refused, never passed over."""

import json
from datetime import date
from typing import Annotated, Final

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from models.changes import DateMeaning
from models.corrections import CorrectionKind
from models.queries.ledger.counts import CountBy
from models.queries.searching.search import Order

MOST_CHARACTERS: Final = 100_000  # of one answer's text
_LONGEST_QUERY: Final = 400
_LONGEST_NAME: Final = 100
_LONGEST_REFERENCE: Final = 4000  # an address
_MOST_CHOSEN: Final = 40
_MOST_ROWS: Final = 50
_LAST_CHARACTER: Final = 10_000_000  # behind any text


def _listed(value: object) -> object:
    """Return a list that was written as text; some assistants do."""
    if not isinstance(value, str):
        return value
    try:
        read = json.loads(value)
    except ValueError:
        read = value
    return read if isinstance(read, list) else [value]


Ids = Annotated[
    tuple[Annotated[str, Field(max_length=_LONGEST_NAME)], ...],
    Field(max_length=_MOST_CHOSEN),
    BeforeValidator(_listed),
]
Topics = Annotated[Ids, Field(description="Only stories with any of these topics (ids such as adaptation).")]
Feeds = Annotated[Ids, Field(description="Only stories that any of these feeds shows (ids).")]
Languages = Annotated[Ids, Field(description="Only stories in any of these languages (tags such as en or es).")]
Since = Annotated[date | None, Field(description="This day or later: 2026-07-14.")]
Until = Annotated[date | None, Field(description="This day or earlier: 2026-07-14.")]
Limit = Annotated[int, Field(ge=1, le=_MOST_ROWS, description="How many at most.")]
Reference = Annotated[str, Field(max_length=_LONGEST_REFERENCE, description="A story's uid, id or address.")]


class ToolArguments(BaseModel):
    """Arguments of a tool."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class SearchAsked(ToolArguments):
    """Arguments of `search`."""

    query: Annotated[
        str,
        Field(
            max_length=_LONGEST_QUERY,
            description='All words must be there, in any of their forms. "words in a row", beginning*, -without, '
            "one OR other. Empty: list stories, the newest first.",
        ),
    ] = ""
    topics: Topics = ()
    feeds: Feeds = ()
    languages: Languages = ()
    since: Since = None
    until: Until = None
    by: Annotated[DateMeaning, Field(description="What these days mean: published, or first seen here.")] = (
        DateMeaning.PUBLISHED
    )
    order: Annotated[Order, Field(description="What comes first.")] = Order.RELEVANCE
    limit: Limit = 20


class StoryAsked(ToolArguments):
    """Arguments of `story`."""

    story: Reference
    explain: Annotated[bool, Field(description="Also the words that speak for its topics.")] = False
    first: Annotated[int, Field(ge=0, le=_LAST_CHARACTER, description="The text's first character to give.")] = 0
    characters: Annotated[int, Field(ge=1, le=MOST_CHARACTERS, description="How many characters of its text.")] = 20_000


class CountsAsked(ToolArguments):
    """Arguments of `counts`."""

    by: Annotated[CountBy, Field(description="What to have a row for.")] = CountBy.MONTH
    topics: Topics = ()
    feeds: Feeds = ()
    languages: Languages = ()
    since: Since = None
    until: Until = None


class CorrectionsAsked(ToolArguments):
    """Arguments of `corrections`."""

    story: Annotated[Reference | None, Field(description="Only those of this story (uid, id or address).")] = None
    kinds: Annotated[
        tuple[CorrectionKind, ...],
        Field(max_length=_MOST_CHOSEN, description="Only corrections of these kinds."),
        BeforeValidator(_listed),
    ] = ()
    topics: Topics = ()
    feeds: Feeds = ()
    since: Annotated[date | None, Field(description="Seen on this day or later: 2026-07-14.")] = None
    limit: Limit = 20


class NewAsked(ToolArguments):
    """Arguments of `new`."""

    run: Annotated[str, Field(max_length=_LONGEST_NAME, description="The run that brought them: a number.")] = "latest"
    since: Annotated[
        date | None, Field(description="In place of a run: what came in on this day or later, 2026-07-14.")
    ] = None
    topics: Topics = ()
    feeds: Feeds = ()
    limit: Limit = 20
