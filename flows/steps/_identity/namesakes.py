"""What a page says of its address: that another story is the same article, or that it has one more name."""

from collections.abc import Iterable

from flows.steps._identity.likeness import are_titles_equal, mark
from flows.steps._identity.names import titled_keys
from flows.steps._identity.text_source import first_url, in_order
from flows.steps.text.urls import registrable_domain, url_key
from models.identity import KeyKind, KeyName, KnownSighting, KnownStory, Merger
from models.stages import CleanStory, FetchResult


def proven_keys(result: FetchResult, page: CleanStory | None, *, holds_title: bool) -> tuple[KeyName, ...]:
    """Return the keys of the addresses that are this page's article, whatever titles say.

    That is where permanent redirects lead, to another site only if a page was read there; where a link proxy leads, if
    the page holds the title; and what the page names as canonical within its own site.
    """
    is_away = is_elsewhere(result.url, result.final_url)
    is_followed = holds_title if is_away else False
    home = result.final_url if is_followed or result.moved_to == result.final_url else result.url
    canonical = page.canonical_url if page is not None else None
    urls = (
        result.moved_to if result.moved_to and (page or not is_elsewhere(result.url, result.moved_to)) else None,
        result.final_url if is_followed else None,
        canonical if canonical and not is_elsewhere(home, canonical) else None,
    )
    return _keys_of(result, urls)


def likely_keys(result: FetchResult, title: str) -> tuple[KeyName, ...]:
    """Return the keys by which a story of an equal title may be this page's article: a passing redirect in its site."""
    bare = _keys_of(result, () if is_elsewhere(result.url, result.final_url) else (result.final_url,))
    return bare + titled_keys(bare, mark(title))


def learnt_keys(result: FetchResult, *, holds_title: bool, is_accepted: bool) -> tuple[KeyName, ...]:
    """Return the names that a story gains: where its link led for good, or a link proxy did, and its text was found."""
    is_away = is_elsewhere(result.url, result.final_url)
    return _keys_of(
        result, (result.moved_to if is_accepted else None, result.final_url if is_away and holds_title else None)
    )


def _keys_of(result: FetchResult, urls: Iterable[str | None]) -> tuple[KeyName, ...]:
    keys = [address_key(url) for url in urls if url]
    own = address_key(result.url)
    return tuple(dict.fromkeys(key for key in keys if key is not None and key != own))


def address_key(url: str) -> KeyName | None:
    """Return the key of an address; None where it cannot identify."""
    key = url_key(url)
    return KeyName.of(KeyKind.URL, "", key) if key else None


def is_elsewhere(url: str, other: str) -> bool:
    """Tell whether two addresses belong to different registrable domains."""
    return registrable_domain(url) != registrable_domain(other)


def merger(known: KnownStory, proven: Iterable[KnownStory], likely: Iterable[KnownStory]) -> Merger | None:
    """Decide which stories become part of the oldest, given those that the page's address leads to."""
    equal = [one for one in likely if are_titles_equal(one.state.title, known.state.title)]
    others = {one.id: one for one in (*proven, *equal) if one.id != known.id and not _are_side_by_side(known, one)}
    if not others:
        return None
    oldest, *younger = sorted([known, *others.values()], key=lambda one: one.id)
    return Merger(
        into=oldest.id,
        story_ids=tuple(one.id for one in younger),
        url=first_url(in_order(_all_sightings(oldest, younger), text_source="")),  # by rank alone: no order of arrival
    )


def _all_sightings(oldest: KnownStory, younger: Iterable[KnownStory]) -> list[KnownSighting]:
    """Return what each feed shows of the stories, of several sightings of one feed the oldest story's."""
    found = {one.feed_id: one for story in younger for one in story.sightings}
    return list((found | {one.feed_id: one for one in oldest.sightings}).values())


def _are_side_by_side(one: KnownStory, other: KnownStory) -> bool:
    """Tell whether a feed showed two stories first in one document, under other names and in other words."""
    return any(
        mine.feed_id == theirs.feed_id
        and mine.first_run_id == theirs.first_run_id
        and (mine.guid, mine.url_key) != (theirs.guid, theirs.url_key)
        and mine.text_hash != theirs.text_hash
        for mine in one.sightings
        for theirs in other.sightings
    )
