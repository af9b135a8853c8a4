"""Options that several commands share, and the words they take."""

import difflib
from collections.abc import Callable, Iterable
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct

from models.changes import DateMeaning
from models.days import day_begin, day_end, read_day_or_moment, require_span

if TYPE_CHECKING:  # a command's help needs neither the database's library nor the settings
    from sqlalchemy import Connection

    from config.settings import Settings
    from models.queries.filters import StoryFilter

_Command = TypeVar("_Command", bound=Callable[..., Any])

json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")


class Day(click.ParamType[date | datetime]):
    """A day (2026-07-14) or a moment (2026-07-14T04:15, with or without a zone)."""

    name = "date"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> date | datetime:  # noqa: ANN401 (click's signature)
        """Read a day or a moment."""
        try:
            return read_day_or_moment(value)
        except ValueError as error:
            self.fail(str(error), param, ctx)


class Narrowing(Struct, frozen=True, kw_only=True):
    """What a person narrowed a list of stories to, before it is known whether those feeds and topics exist."""

    topic: tuple[str, ...]
    feed: tuple[str, ...]
    since: date | datetime | None = None
    until: date | datetime | None = None
    by: str = DateMeaning.PUBLISHED.value
    include_off_topic: bool = False
    needs_review: bool = False
    near_misses: bool = False
    unique: bool = False
    language: tuple[str, ...] = ()

    def resolved(self, connection: "Connection", settings: "Settings") -> "StoryFilter":
        """Return the filter; a day begins in the settings' time zone.

        Raise click.UsageError for an unknown name, and for days between which nothing can lie.
        """
        from models.queries.filters import StoryFilter

        Names(topics=self.topic, feeds=self.feed, languages=self.language).require(connection, settings)
        require_days(self.since, self.until, settings.zone)
        return StoryFilter(
            topics=self.topic,
            feeds=self.feed,
            languages=self.language,
            since=day_begin(self.since, settings.zone),
            until=day_end(self.until, settings.zone),
            by=DateMeaning(self.by),
            include_off_topic=self.include_off_topic,
            needs_review=self.needs_review,
            near_misses=self.near_misses,
            unique=self.unique,
        )

    def pairs(self) -> list[tuple[str, str]]:
        """Return what it is narrowed to as names and values, by which an address of the pages says it too."""
        pairs = [("topic", topic) for topic in self.topic] + [("feed", feed) for feed in self.feed]
        pairs += [("lang", language) for language in self.language]
        days = [(name, str(day)) for name, day in (("since", self.since), ("until", self.until)) if day is not None]
        pairs += [*days, ("by", self.by)] if days and self.by != DateMeaning.PUBLISHED.value else days
        flags = ("include_off_topic", "needs_review", "near_misses", "unique")
        return pairs + [(name.replace("_", "-"), "1") for name in flags if getattr(self, name)]


class Names(Struct, frozen=True, kw_only=True):
    """What a person named of an archive, before it is known whether it is there."""

    topics: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()

    def require(self, connection: "Connection", settings: "Settings") -> None:
        """Raise click.UsageError for a name that is unknown; a feed that was never asked is known by feeds.yaml."""
        if self.topics or self.feeds:  # a search mostly names none, and is spared two questions
            self._require_known(connection, settings)
        if self.languages:
            from models.queries.ledger.counts import language_tags

            known = [tag.lower() for tag in language_tags(connection)]
            known += [tag.partition("-")[0] for tag in known]
            _require([language.lower() for language in self.languages], known, "language")

    def _require_known(self, connection: "Connection", settings: "Settings") -> None:
        from models.queries.ledger.feeds import feed_ids, topic_ids

        require_topics(self.topics, topic_ids(connection))
        kept = feed_ids(connection)
        if not set(self.feeds) <= set(kept):
            from config.feeds import load_feeds  # a reader of YAML: only to say which feeds there could be

            _require(self.feeds, [*kept, *(spec.id for spec in load_feeds(settings.feeds_file))], "feed")


def filter_options(command: _Command) -> _Command:
    """Add the options that make a Narrowing."""
    for option in reversed(_FILTERS):
        command = option(command)
    return command


def topic_and_feed_options(command: _Command) -> _Command:
    """Add the options of a Narrowing that name topics and feeds."""
    for option in reversed(_FILTERS[:2]):
        command = option(command)
    return command


def by_option(default: DateMeaning, what: str) -> Callable[[_Command], _Command]:
    """Make the option that says what a day means."""
    choice = click.Choice([one.value for one in DateMeaning])
    return click.option("--by", type=choice, default=default.value, show_default=True, help=what)


def require_feeds(wanted: Iterable[str], known: Iterable[str]) -> None:
    """Raise click.UsageError where a feed is unknown."""
    _require(wanted, known, "feed")


def require_topics(wanted: Iterable[str], known: Iterable[str]) -> None:
    """Raise click.UsageError where a topic is unknown."""
    _require(wanted, known, "topic")


def require_days(since: date | datetime | None, until: date | datetime | None, zone: tzinfo) -> None:
    """Raise click.UsageError where nothing can lie between two days."""
    try:
        require_span(since, until, zone)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


_FILTERS = (
    click.option("--topic", metavar="ID", multiple=True, help="Only stories with this topic; may be repeated."),
    click.option("--feed", metavar="ID", multiple=True, help="Only stories that this feed shows; may be repeated."),
    click.option("--language", metavar="CODE", multiple=True, help="Only stories in this language; may be repeated."),
    click.option("--since", type=Day(), help="Only stories of this day or later."),
    click.option("--until", type=Day(), help="Only stories of this day or earlier."),
    by_option(
        DateMeaning.PUBLISHED,
        "What those days mean: when a story was published (where that is not known, first seen), or when the archive "
        "saw it first.",
    ),
    click.option("--include-off-topic", is_flag=True, help="Also entries that are not about climate."),
    click.option("--needs-review", is_flag=True, help="Only stories whose labels are doubtful."),
    click.option(
        "--unique",
        is_flag=True,
        help="Of copies of one text only one: that which a search shows first; of an export or release, the earliest.",
    ),
)


def _require(wanted: Iterable[str], known: Iterable[str], what: str) -> None:
    names = sorted(set(known))
    for name in wanted:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f"did you mean {close[0]}?" if close else f"known are: {', '.join(names) or 'none yet'}."
            raise click.UsageError(f"There is no {what} {name!r}; {hint}")
