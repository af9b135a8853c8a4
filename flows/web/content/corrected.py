"""Corrections as a reader sees them: the story, when, and the words that changed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from markupsafe import Markup
from msgspec import Struct
from sqlalchemy import Connection

from flows.web.content.cards import Card, cards_by_id
from flows.web.content.diffs import Row, compare, excerpt
from models.queries.ledger.nights import NightCorrection
from models.queries.one_story import VersionRecord, versions_of

_MOST_ROWS: Final = 3
_AROUND: Final = 140  # characters of a changed paragraph before its first and behind its last change


class Corrected(Struct, frozen=True, kw_only=True):
    """A correction with what it changed."""

    card: Card
    number: int
    before: int
    kind: str  # revised | restored
    kinds: tuple[str, ...]  # of what was corrected
    at: datetime
    title: Markup | None  # the headline with its changes, where it changed
    rows: tuple[Markup, ...]  # changed paragraphs, cut to what is near the changes
    more: int  # changed paragraphs that are not shown


def corrected(connection: Connection, found: Sequence[NightCorrection]) -> list[Corrected]:
    """Return corrections with the words that they changed."""
    by_id = cards_by_id(connection, [one.story_id for one in found])
    return [_corrected(connection, one, by_id[one.story_id]) for one in found if one.story_id in by_id]


def _corrected(connection: Connection, one: NightCorrection, card: Card) -> Corrected:
    versions = {version.number: version for version in versions_of(connection, one.story_id)}
    old, new = versions.get(one.before), versions[one.number]
    changed = excerpt(compare(old.text if old else "", new.text))
    return Corrected(
        card=card,
        number=one.number,
        before=one.before,
        kind=one.reason,
        kinds=one.kinds,
        at=one.created_at,
        title=_title(old, new),
        rows=tuple(near(row) for row in changed[:_MOST_ROWS]),
        more=max(0, len(changed) - _MOST_ROWS),
    )


def _title(old: VersionRecord | None, new: VersionRecord) -> Markup | None:
    if old is None or old.title == new.title:
        return None
    return Markup(" ").join(row.inline for row in compare(old.title, new.title))


def near(row: Row) -> Markup:
    """Return a changed paragraph without what stands far from its changes."""
    text = str(row.inline)
    first = min((at for at in (text.find("<del>"), text.find("<ins>")) if at >= 0), default=0)
    last = max(text.rfind("</del>"), text.rfind("</ins>")) + len("</del>")
    start = text.rfind(" ", 0, max(0, first - _AROUND)) + 1 if first > _AROUND else 0
    end = text.find(" ", min(len(text), last + _AROUND))
    end = len(text) if end < 0 else end
    # Cut at blanks outside of elements, and entities hold no blank.
    return Markup(f"{'… ' if start else ''}{text[start:end]}{' …' if end < len(text) else ''}")  # noqa: S704
