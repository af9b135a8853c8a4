"""What a reader asks of a list of stories, as it stands in an address: read, written, and said as a command."""

import shlex
from datetime import UTC, date
from math import isnan
from typing import Annotated, Any, Final

from click import UsageError
from fastapi import Depends, HTTPException, Path, Query, Request
from msgspec import Struct
from msgspec.structs import replace

from flows.cli.options import Names
from flows.web.reading import ReadingRoom, room_of
from models.days import day_begin, day_end, read_day, read_moment, require_span
from models.queries.filters import StoryFilter
from models.queries.searching.search import Order, ResultPlace, SearchRequest

_MOST_CHOSEN = 40
_LONGEST = 400  # characters of a query
_NAME = Query(max_length=100)
_NO_KEY: Final = 2**63  # no number of a row is so high, and no database takes it

Before = Annotated[int | None, Query(ge=1, lt=_NO_KEY, description="Only what stands before this number.")]
Version = Annotated[int, Query(ge=0, lt=_NO_KEY)]  # 0: none is named
VersionInPath = Annotated[int, Path(ge=1, lt=_NO_KEY)]
Chosen = Annotated[list[Annotated[str, _NAME]], Query(max_length=_MOST_CHOSEN)]


class Question(Struct, frozen=True, kw_only=True):
    """Words and choices of a search."""

    words: str = ""
    topics: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    since: date | None = None
    until: date | None = None
    corrected: bool = False
    needs_review: bool = False
    near_misses: bool = False
    order: Order = Order.RELEVANCE

    @property
    def is_narrowed(self) -> bool:
        """Tell whether anything but words was chosen."""
        return replace(self, words="", order=Order.RELEVANCE) != Question()

    def request(self, room: ReadingRoom, limit: int, after: str = "") -> SearchRequest:
        """Return the search. Days are those of the settings' time zone."""
        return SearchRequest(
            query=self.words or None,
            filter=self.filter(room),
            order=self.order,
            limit=limit,
            after=place_of(after),
        )

    def filter(self, room: ReadingRoom) -> StoryFilter:
        """Return what stories are narrowed to."""
        return StoryFilter(
            topics=self.topics,
            feeds=self.feeds,
            languages=self.languages,
            since=day_begin(self.since, room.zone),
            until=day_end(self.until, room.zone),
            corrected=self.corrected,
            needs_review=self.needs_review,
            near_misses=self.near_misses,
        )

    def query(self, **changed: Any) -> list[tuple[str, Any]]:  # noqa: ANN401 (fields of a Question)
        """Return it as the pairs of an address, with some of it changed."""
        one = replace(self, **changed)
        pairs: list[tuple[str, Any]] = [("q", one.words)]
        pairs += [("topic", topic) for topic in one.topics]
        pairs += [("feed", feed) for feed in one.feeds]
        pairs += [("lang", language) for language in one.languages]
        pairs += [("since", one.since), ("until", one.until)]
        flags = ("corrected", "near_misses", "needs_review")
        pairs += [(name.replace("_", "-"), "1") for name in flags if getattr(one, name)]
        pairs += [("order", one.order.value)] if one.order is not Order.RELEVANCE else []
        return [(name, value) for name, value in pairs if value not in (None, "")]

    def with_or_without(self, kind: str, value: str) -> list[tuple[str, Any]]:
        """Return the pairs of an address in which a choice is taken back, or made where it was not."""
        chosen: tuple[str, ...] = getattr(self, kind)
        turned = tuple(one for one in chosen if one != value) if value in chosen else (*chosen, value)
        return self.query(**{kind: turned})

    def command(self, verb: str = "search") -> str:
        """Return it as a person types it; what the command has no word for is left out."""
        parts = [shlex.quote(self.words)] if self.words and verb == "search" else []
        parts += [f"--topic {shlex.quote(topic)}" for topic in self.topics]
        parts += [f"--feed {shlex.quote(feed)}" for feed in self.feeds]
        parts += [f"--language {shlex.quote(language)}" for language in self.languages]
        parts += [f"--since {self.since}"] if self.since else []
        parts += [f"--until {self.until}"] if self.until else []
        parts += ["--near-misses"] if self.near_misses and verb == "search" else []
        parts += ["--needs-review"] if self.needs_review else []
        parts += [f"--order {self.order.value}"] if self.order is not Order.RELEVANCE and verb == "search" else []
        return " ".join(["climate-archive", verb, *parts])


def question(  # noqa: PLR0913, PLR0917 (as many as an address may hold)
    q: Annotated[str, Query(max_length=_LONGEST, description="Words, as `search` takes them.")] = "",
    topic: Chosen = [],  # noqa: B006 (FastAPI copies it)
    feed: Chosen = [],  # noqa: B006
    lang: Chosen = [],  # noqa: B006
    since: Annotated[str, Query(max_length=10, description="This day or later.")] = "",
    until: Annotated[str, Query(max_length=10, description="This day or earlier.")] = "",
    corrected: bool = False,
    near_misses: Annotated[bool, Query(alias="near-misses")] = False,
    needs_review: Annotated[bool, Query(alias="needs-review")] = False,
    order: Order = Order.RELEVANCE,
) -> Question:
    """Read the words and choices of an address."""
    first, last = _span(since, until)
    return Question(
        words=" ".join(q.split()),
        topics=_distinct(topic),
        feeds=_distinct(feed),
        languages=_distinct(lang),
        since=first,
        until=last,
        corrected=corrected,
        near_misses=near_misses,
        needs_review=needs_review,
        order=order,
    )


def asked_of(request: Request, words: Annotated[Question, Depends(question)]) -> Question:
    """Return what is asked of an archive. Names that it does not know are refused in the words of the commands."""
    room = room_of(request)
    names = Names(topics=words.topics, feeds=words.feeds, languages=words.languages)

    def require() -> None:
        with room.view() as connection:
            names.require(connection, room.settings)

    try:
        if names != Names():
            room.shelf.get(names, require)  # what is known stays so
    except UsageError as error:
        raise HTTPException(400, error.message) from None
    return words


Asked = Annotated[Question, Depends(asked_of)]


def place_text(place: ResultPlace) -> str:
    """Return a place in a list for an address."""
    rank = "" if place.rank is None else repr(place.rank)
    return f"{place.sort_at.isoformat()}~{place.id}~{rank}"


def place_of(text: str) -> ResultPlace | None:
    """Read a place in a list; None where there is none."""
    if not text:
        return None
    place: ResultPlace | None
    try:
        at, story_id, rank = text.replace(" ", "+").split("~")
        place = ResultPlace(sort_at=read_moment(at), id=int(story_id), rank=float(rank) if rank else None)
    except ValueError:
        place = None
    if place is None or place.sort_at.tzinfo is None or not 0 <= place.id < _NO_KEY or isnan(place.rank or 0.0):
        raise HTTPException(400, "The place in the list cannot be read: begin again without `after`.")
    return place


def _distinct(values: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(value for value in values if value))


def _span(since: str, until: str) -> tuple[date | None, date | None]:
    try:
        first, last = (read_day(text) if text else None for text in (since, until))
        require_span(first, last, UTC)  # whole days follow each other alike in every zone
    except ValueError as error:
        raise HTTPException(400, str(error)) from None
    return first, last
