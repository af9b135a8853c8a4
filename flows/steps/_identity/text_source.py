"""Whose text a story shows: a pure function of what was seen, never of the order in which it arrived."""

from collections.abc import Iterable, Sequence
from typing import Final

from models.identity import PAGE_SOURCE, KnownSighting, KnownStory

# Upper bounds of the classes, in characters (a CJK character counts 2.5): a
# teaser, a summary, a short text, a full one.
LENGTH_CLASSES: Final = (250, 1_000, 4_000)


def length_class(length: float) -> int:
    """Return 0 to 3 for a weighted length in characters."""
    return sum(length >= bound for bound in LENGTH_CLASSES)


def in_order(sightings: Iterable[KnownSighting], text_source: str) -> list[KnownSighting]:
    """Sort a story's sightings: the one that leads, then the living feeds by rank, then those that are gone."""
    return sorted(sightings, key=lambda one: (one.feed_id != text_source, not one.is_active, *_rank(one)))


def first_title(sightings: Sequence[KnownSighting]) -> str:
    """Return the title of the first sighting that has one; empty if none has."""
    return next((sighting.title for sighting in sightings if sighting.title), "")


def first_url(sightings: Sequence[KnownSighting]) -> str | None:
    """Return the address of the first sighting that has one."""
    return next((sighting.url for sighting in sightings if sighting.url), None)


def becomes_text_source(mine: KnownSighting, old: KnownSighting | None, known: KnownStory) -> bool:
    """Tell whether a new or changed sighting, which was `old` before, leads its story from now on."""
    text_source = known.state.text_source
    if text_source in {mine.feed_id, PAGE_SOURCE}:
        return text_source != PAGE_SOURCE
    # A leader whose feed is gone stays until another feed's text changes: until then no better text is at hand.
    is_changed = old is not None and old.content_hash != mine.content_hash
    return moves_up(mine, known) or (is_changed and not _source_sighting(known).is_active)


def moves_up(mine: KnownSighting, known: KnownStory) -> bool:
    """Tell whether a sighting stands above the one of another feed that leads its story now."""
    return known.state.text_source not in {mine.feed_id, PAGE_SOURCE} and _rank(mine) < _rank(_source_sighting(known))


def _source_sighting(known: KnownStory) -> KnownSighting:
    source_sighting = known.sighting_of(known.state.text_source)
    assert source_sighting is not None  # a feed leads by what it showed, and sightings stay
    return source_sighting


def _rank(sighting: KnownSighting) -> tuple[int, int, str]:
    """Put the longest class first, among equals the feed that stands first in feeds.yaml."""
    return -sighting.length_class, sighting.position, sighting.feed_id
