"""When a changed text is a new version of its story, and what is only a site that goes to and fro."""

from datetime import timedelta
from typing import Final

from msgspec import Struct

from flows.steps._cleaning.moving_lines import has_same_words
from flows.steps.text.fingerprint import content_hash
from models.identity import KnownStory, KnownVersion, LoadContext, NewVersion, VersionReason
from models.stages import Source

# A text that comes back a third time within this span is a site that alternates, not a correction.
FLAPPING_SPAN: Final = timedelta(days=30)
FLAPPING_RETURNS: Final = 3
REVISIONS: Final = frozenset({VersionReason.REVISED, VersionReason.RESTORED})


class Change(Struct, frozen=True, kw_only=True):
    """A text that the source of a story shows now."""

    content_hash: str
    source: Source
    moves_up: bool  # the text comes from a better source than before
    title: str = ""
    text: str | None = None  # where it is at hand, a change of nothing but stamps is seen


NO_VERSION: Final[tuple[NewVersion | None, bool]] = (None, False)


def judge(change: Change, known: KnownStory, context: LoadContext) -> tuple[NewVersion | None, bool]:
    """Return the version to write, if any, and whether the story flaps."""
    if change.content_hash == known.state.content_hash or _moves_stamps_only(change, known):
        return NO_VERSION
    reason = VersionReason.COMPLETED if change.moves_up else _reason(change, known)
    if reason is VersionReason.RESTORED and _has_returned_too_often(known, context):
        return None, True
    number = max((version.number for version in known.versions), default=0) + 1
    return NewVersion(reason=reason, number=number, in_place_of=_replaced(change, known, context)), False


def is_revision(version: NewVersion | None) -> bool:
    """Tell whether a version counts as a revision of its story."""
    return version is not None and version.in_place_of is None and version.reason in REVISIONS


def _moves_stamps_only(change: Change, known: KnownStory) -> bool:
    if change.moves_up or change.text is None:
        return False
    if content_hash(change.title, known.text) != known.state.content_hash:
        return False  # the title is another than the one that the text was kept under
    return has_same_words(known.text, change.text)


def _reason(change: Change, known: KnownStory) -> VersionReason:
    was_there = any(version.content_hash == change.content_hash for version in known.versions)
    return VersionReason.RESTORED if was_there else VersionReason.REVISED


def _has_returned_too_often(known: KnownStory, context: LoadContext) -> bool:
    since = context.met_at - FLAPPING_SPAN
    returns = [v for v in known.versions if v.reason == VersionReason.RESTORED and v.created_at >= since]
    return len(returns) + 1 >= FLAPPING_RETURNS


def _replaced(change: Change, known: KnownStory, context: LoadContext) -> int | None:
    """Find the row of this run and source, or, where the lead moves up, of this night: one version for one night."""

    def is_of_this_night(version: KnownVersion) -> bool:
        runs = context.run_ids if change.moves_up else {context.run_id}
        return version.source == change.source and version.run_id in runs

    return next((version.id for version in reversed(known.versions) if is_of_this_night(version)), None)
