"""The copies of a story as a tree with times, and the stories that are related to it."""

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from flows.cli.output.terminal import moment, plain, print_lines
from flows.exports.shape import iso, shown_url
from models.queries.copies import Copy
from models.queries.related import RelatedStory


def copies_json(copies: Sequence[Copy], story_id: int) -> dict[str, Any]:
    """Return the agency of a story and its cluster, itself among it; no copies where it is alone."""
    agency = next((one.agency for one in copies if one.id == story_id), None)
    return {"agency": agency, "copies": [_copy_json(one) for one in copies] if len(copies) > 1 else []}


def related_json(related: Sequence[RelatedStory]) -> list[dict[str, Any]]:
    """Return related stories as JSON shows them."""
    return [
        {
            "id": one.id,
            "uid": one.uid,
            "title": one.title,
            "url": one.url,
            "language": one.language,
            "sort_at": iso(one.sort_at),
            "similarity": round(one.similarity, 3),
        }
        for one in related
    ]


def print_copies(copies: Sequence[Copy], related: Sequence[RelatedStory], zone: ZoneInfo) -> None:
    """Print both, as far as there are any."""
    if len(copies) > 1:
        print_lines("", f"Copies of one text, the first publisher above: {len(copies)}")
        print_lines(*(_line(one, zone) for one in copies))
    if related:
        print_lines("", "Related, in other words:")
        print_lines(*(f"  {moment(one.sort_at, zone)}  {one.id}  {plain(one.title)}" for one in related))


def _line(one: Copy, zone: ZoneInfo) -> str:
    who = (", ".join(one.outlets) or "handed in") + (f" ({one.agency})" if one.agency else "")
    line = f"  {'  ' * one.depth}{moment(one.sort_at, zone)}  {one.id}  {plain(who)}: {plain(one.title)}"
    if one.likeness is None:
        return line
    shares = (("kept", one.likeness.kept), ("changed", one.likeness.changed), ("cut", one.likeness.cut))
    return f"{line}  [{', '.join(f'{name} {share:.0%}' for name, share in shares)}]"


def _copy_json(one: Copy) -> dict[str, Any]:
    likeness = one.likeness
    names = ("jaccard", "kept", "changed", "cut", "added")
    shares = {name: None if likeness is None else round(getattr(likeness, name), 3) for name in names}
    return {
        "id": one.id,
        "uid": one.uid,
        "title": one.title,
        "url": one.url,
        "canonical_url": shown_url(one.url),
        "language": one.language,
        "published_at": iso(one.published_at),
        "first_seen_at": iso(one.first_seen_at),
        "feeds": list(one.feeds),
        "agency": one.agency,
        "copied_from": one.copied_from,
        "depth": one.depth,
    } | shares
