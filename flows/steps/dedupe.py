"""Decide what a document does to the archive: which story each entry is, whose text it shows, what is a new version.

Pure: it is given what is known and returns what to do; `models.archive` carries it out. The rules are those of
docs/decisions/identity.md.
"""

from collections.abc import Sequence
from dataclasses import replace

from flows.steps._identity import Resolved, Resolver, lookup_keys, story_uid
from flows.steps._lead import front_title, in_order, length_class, takes_lead
from flows.steps._versions import NO_VERSION, is_revision, judge, lead_change
from models.intents import (
    PAGE_LEAD,
    Decision,
    Item,
    Known,
    KnownSighting,
    KnownStory,
    NewVersion,
    Occasion,
    Outcome,
    PageState,
    StoryChange,
    StoryState,
    TextMissingError,
    VersionReason,
)
from models.stages import CleanStory

__all__ = ["decide", "lookup_keys"]


def decide(items: Sequence[Item], known: Known, occasion: Occasion) -> Decision:
    """Decide what the items of one document do.

    Raises:
        TextMissingError: An item without text is no known sighting after all.

    """
    missing = [at for at, item in enumerate(items) if not item.classified and item.entry.digest not in known.by_digest]
    if missing:
        raise TextMissingError(frozenset(missing))
    resolver = Resolver(known, occasion.feed_id)
    outcomes = [Outcome.DUPLICATE] * len(items)
    changes = []
    for story in resolver.resolve(items):
        change, outcome, speaker = _change(story, items, occasion)
        changes += [change] if _does_something(change) else []
        if speaker is not None:
            outcomes[speaker] = outcome
    return Decision(changes=tuple(changes), outcomes=tuple(outcomes), shared=tuple(resolver.shared))


def _change(story: Resolved, items: Sequence[Item], occasion: Occasion) -> tuple[StoryChange, Outcome, int | None]:
    speaker = _speaker(story, items, occasion.feed_id)
    if story.known is None:
        assert speaker is not None  # a story is born of an entry
        change, outcome = _birth(items[speaker], story, occasion)
    elif speaker is None:
        change, outcome = _nothing(story.known, story.founder or items[0]), Outcome.UNCHANGED
    else:
        change, outcome = _meeting(items[speaker], story.known, occasion)
    is_closed = story.known is not None and story.known.is_withdrawn
    return replace(change, keys=() if is_closed else tuple(story.keys)), outcome, speaker


def _speaker(story: Resolved, items: Sequence[Item], feed_id: str) -> int | None:
    sighting = story.known.sighting_of(feed_id) if story.known else None
    if sighting is not None:
        same = [at for at in story.positions if items[at].entry.digest == sighting.entry_digest]
        named = [at for at in story.positions if items[at].entry.guid == sighting.guid]
        return next(iter([*same, *named, *story.positions]), None)
    return next(iter(story.positions), None)


def _birth(item: Item, story: Resolved, occasion: Occasion) -> tuple[StoryChange, Outcome]:
    is_admitted = occasion.is_vouched or _is_relevant(item)
    sighting = _sighting(item, None, occasion)
    state = StoryState(
        url=item.entry.url,
        title=sighting.title,
        language=_text_of(item).language,
        authors=_text_of(item).authors,
        tags=_text_of(item).tags,
        published_at=item.entry.published_at,
        published_raw=item.entry.published_raw,
        is_zone_assumed=item.entry.is_zone_assumed,
        lead=occasion.feed_id,
        content_hash=sighting.content_hash,
        revisions=0,
        flapping=False,
        is_admitted=is_admitted,
        is_page_due=is_admitted and _has_page(item, occasion),
    )
    change = StoryChange(
        story_id=None,
        uid=story_uid(story.keys, item, occasion.feed_id),
        item=item,
        state=state,
        sighting=sighting,
        version=NewVersion(reason=VersionReason.FIRST),
    )
    return change, Outcome.NEW if is_admitted else Outcome.OFF_TOPIC


def _meeting(item: Item, known: KnownStory, occasion: Occasion) -> tuple[StoryChange, Outcome]:
    if known.is_withdrawn:
        return _nothing(known, item), Outcome.UNCHANGED
    old = known.sighting_of(occasion.feed_id)
    if old is not None and old.entry_digest == item.entry.digest:
        change = _admission(item, known, occasion)
    else:
        change = _changed(item, known, old, occasion)
    return change, _outcome(change, known, old)


def _outcome(change: StoryChange, known: KnownStory, old: KnownSighting | None) -> Outcome:
    is_admitted = change.state.is_admitted if change.state else known.state.is_admitted
    if not is_admitted:
        return Outcome.OFF_TOPIC
    if not known.state.is_admitted:
        return Outcome.NEW
    if old is None:
        return Outcome.DUPLICATE
    return Outcome.UPDATED if change.version else Outcome.UNCHANGED


def _admission(item: Item, known: KnownStory, occasion: Occasion) -> StoryChange:
    """Admit a story turned away before, because a feed now vouches for it; its entry has not changed."""
    if known.state.is_admitted or not occasion.is_vouched:
        return _nothing(known, item)
    state = replace(known.state, is_admitted=True, is_page_due=_has_page(item, occasion))
    return replace(_nothing(known, item), state=state)


def _changed(item: Item, known: KnownStory, old: KnownSighting | None, occasion: Occasion) -> StoryChange:
    mine = _sighting(item, old, occasion)
    others = tuple(sighting for sighting in known.sightings if sighting.feed_id != occasion.feed_id)
    leads = known.state.lead != PAGE_LEAD and takes_lead(mine, others, known.state.lead)
    shown = lead_change(mine, known, _text_of(item).source)
    version, is_flapping = judge(shown, known, occasion) if leads else NO_VERSION
    state = _described(item, known.state, is_front=in_order([mine, *others])[0] is mine)
    if version:
        state = replace(state, title=front_title([mine, *others]), content_hash=mine.content_hash)
    is_new_text = mine.content_hash != known.state.content_hash
    is_admitted = state.is_admitted or occasion.is_vouched or (is_new_text and _is_relevant(item))
    state = replace(
        state,
        lead=occasion.feed_id if leads else state.lead,
        revisions=state.revisions + is_revision(version),
        flapping=state.flapping or is_flapping,
        is_admitted=is_admitted,
        is_page_due=state.is_page_due or (is_admitted and _wants_page(mine, old, known, occasion)),
    )
    return StoryChange(
        story_id=known.id,
        uid=known.uid,
        item=item,
        state=state if state != known.state else None,
        sighting=mine if mine != old else None,
        version=version,
    )


def _described(item: Item, state: StoryState, *, is_front: bool) -> StoryState:
    """Take author, tags and address from the sighting that stands first; elsewhere fill only what was unknown."""
    text = _text_of(item)
    return replace(
        state,
        url=(is_front and item.entry.url) or state.url or item.entry.url,
        language=(is_front and text.language) or state.language or text.language,
        authors=(is_front and text.authors) or state.authors or text.authors,
        tags=(is_front and text.tags) or state.tags or text.tags,
        published_at=state.published_at or item.entry.published_at,
        published_raw=state.published_raw or item.entry.published_raw,
        is_zone_assumed=state.is_zone_assumed if state.published_at else item.entry.is_zone_assumed,
    )


def _wants_page(mine: KnownSighting, old: KnownSighting | None, known: KnownStory, occasion: Occasion) -> bool:
    if not (occasion.is_full_text and mine.url):
        return False
    if old is None or not known.state.is_admitted:
        return known.page_state == PageState.NONE
    return mine.content_hash != old.content_hash


def _sighting(item: Item, old: KnownSighting | None, occasion: Occasion) -> KnownSighting:
    text, entry = _text_of(item), item.entry
    return KnownSighting(
        feed_id=occasion.feed_id,
        position=occasion.position,
        is_active=True,
        guid=entry.guid,
        url=entry.url,
        url_key=entry.url_key,
        entry_digest=entry.digest,
        content_hash=text.content_hash,
        length_class=max(length_class(text.length), old.length_class if old else 0),
        title=text.title,
    )


def _text_of(item: Item) -> CleanStory:
    assert item.classified is not None  # decide() has seen to it
    return item.classified.story


def _is_relevant(item: Item) -> bool:
    return item.classified is not None and item.classified.classification.is_relevant


def _has_page(item: Item, occasion: Occasion) -> bool:
    return occasion.is_full_text and item.entry.url is not None


def _nothing(known: KnownStory, item: Item) -> StoryChange:
    return StoryChange(story_id=known.id, uid=known.uid, item=item)


def _does_something(change: StoryChange) -> bool:
    return bool(change.state or change.sighting or change.version or change.keys)
