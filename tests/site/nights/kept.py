"""What the archive holds after the nights: its stories against those that the cases expect, and nothing that acts."""

from collections import defaultdict
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Row, func, select

from models.storage.database import read_transaction
from models.storage.packing import TextPacker
from models.tables.counts import FeedDay, FeedSum
from models.tables.runs import FeedRun, Fetch, Run
from models.tables.schema import METADATA
from models.tables.stories import Sighting, StoryVersion
from models.tables.stories import Story as StoryRow
from tests.site.nights.case import NightCase, Story
from tests.site.nights.contents import SECRET_FILE

# The ledger grows every night; what the nights are about does not.
_LEDGER = {table.__tablename__ for table in (Run, FeedRun, Fetch, FeedDay, FeedSum)}
_ACTIVE_TAGS = {
    "applet",
    "base",
    "embed",
    "form",
    "frame",
    "iframe",
    "link",
    "math",
    "meta",
    "object",
    "script",
    "style",
    "svg",
}
_SAFE_STARTS = ("http://", "https://", "mailto:")


def archived_rows(engine: Engine) -> dict[str, int]:
    """Count the rows of every table but the ledger's."""
    tables = [table for table in METADATA.sorted_tables if table.name not in _LEDGER]
    with read_transaction(engine) as connection:
        return {table.name: connection.scalar(select(func.count()).select_from(table)) or 0 for table in tables}


def story_differences(engine: Engine, cases: tuple[NightCase, ...]) -> Iterator[str]:
    """Say where the archive holds other stories than the cases expect."""
    shown = _stories_by_feed(engine)
    for case in cases:
        if case.stories is None:
            continue
        kept, expected = shown[case.id], sorted(case.stories, key=lambda story: story.title)
        if [row.title for row in kept] != [story.title for story in expected]:
            yield f"{case.kind}: {case.name}: it holds {[row.title for row in kept]}"
            continue
        for row, wish in zip(kept, expected, strict=True):
            wrong = list(_wrong(row, wish))
            if wrong:
                yield f"{case.kind}: {case.name}: {'; '.join(wrong)}"


def active_content(engine: Engine) -> Iterator[str]:
    """Name everything in the archive's HTML that could act or load from an odd place."""
    with read_transaction(engine) as connection:
        versions = select(StoryVersion.story_id, StoryVersion.html, StoryVersion.text)
        for story_id, html, text in connection.execute(versions):
            for finding in active_parts(TextPacker(text).unpack(html).decode()):
                yield f"story {story_id}: {finding}"


def active_parts(html: str) -> list[str]:
    """Name everything in HTML that could act, as a reader of our own sees it."""
    finder = _Finder()
    finder.feed(html)
    finder.close()
    return finder.found


def secrets_read(engine: Engine) -> list[int]:
    """List the stories that hold a line of the file that hostile documents point to."""
    secret = Path(SECRET_FILE).read_text(encoding="utf-8").splitlines()[0]
    with read_transaction(engine) as connection:
        texts = connection.execute(select(StoryVersion.story_id, StoryVersion.title, StoryVersion.text))
        return [story_id for story_id, title, text in texts if secret in f"{title}{text}"]


def hidden_by_the_future(engine: Engine) -> int:
    """Count the stories whose place in "newest first" lies after the moment in which they were first seen."""
    with read_transaction(engine) as connection:
        late = select(func.count()).where(StoryRow.sort_at > StoryRow.first_seen_at)
        return connection.scalar(late) or 0


class _Finder(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"<{tag}>"] if tag in _ACTIVE_TAGS else []
        self.found += [
            f"{name}={value}" for name, value in attrs if name.startswith("on") or name in {"style", "srcdoc"}
        ]
        links = (value or "" for name, value in attrs if name in {"href", "src", "cite", "action", "formaction"})
        self.found += [link for link in links if not link.startswith(_SAFE_STARTS)]


def _stories_by_feed(engine: Engine) -> dict[str, list[Row[Any]]]:
    shown: dict[str, list[Row[Any]]] = defaultdict(list)
    story = (StoryRow.title, StoryRow.published_at, StoryRow.published_raw, StoryRow.revisions)
    rows = (
        select(Sighting.feed_id, *story, StoryVersion.text, StoryVersion.html)
        .join(StoryRow, StoryRow.id == Sighting.story_id)
        .join(StoryVersion, StoryVersion.id == StoryRow.version_id)
    )
    with read_transaction(engine) as connection:
        for row in sorted(connection.execute(rows), key=lambda row: row.title):
            shown[row.feed_id].append(row)
    return shown


def _wrong(row: Row[Any], wish: Story) -> Iterator[str]:
    published = row.published_at.isoformat() if row.published_at else "unknown"
    if wish.published not in {None, published}:
        yield f"it was published {published}, not {wish.published}"
    if wish.published_raw not in {None, row.published_raw}:
        yield f"its date is kept as {row.published_raw!r}"
    if wish.revisions not in {None, row.revisions}:
        yield f"it has {row.revisions} revisions"
    missing = [words for words in wish.holds if words not in row.text]
    if missing:
        yield f"its text {row.text[:200]!r} lacks {missing}"
    html = TextPacker(row.text).unpack(row.html).decode()
    if wish.html and wish.html not in html:
        yield f"its HTML {html!r} lacks {wish.html}"
