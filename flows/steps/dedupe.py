"""Decide what a document does to the archive: which story each entry is, whose text it shows, what is a new version.

Pure: it is given what is known and returns what to do; `models.archive` carries it out. The rules are those of
docs/decisions/identity.md.
"""

from collections.abc import Sequence

from msgspec.structs import replace

from flows.steps._identity.inquiry import Inquiry
from flows.steps._identity.likeness import mark
from flows.steps._identity.names import entry_keys, story_uid
from flows.steps._identity.resolution import Resolved, Resolver
from flows.steps._identity.text_source import (
    becomes_text_source,
    first_title,
    first_url,
    in_order,
    length_class,
    moves_up,
)
from flows.steps._identity.versions import NO_VERSION, Change, is_revision, judge
from models.identity import (
    Decision,
    Item,
    Known,
    KnownSighting,
    KnownStory,
    LoadContext,
    NewVersion,
    Outcome,
    PageState,
    StoryChange,
    StoryState,
    VersionReason,
)
from models.stages import CleanStory

__all__ = ["Inquiry", "decide", "entry_keys", "missing_texts"]


def decide(items: Sequence[Item], known: Known, context: LoadContext) -> Decision:
    """Decide what the items of one document do; missing_texts() must find none."""
    resolver = Resolver(known, context.feed_id)
    outcomes = [Outcome.DUPLICATE] * len(items)
    changes, stories = [], resolver.resolve(items)
    for story in stories:
        change, outcome, speaker = _change(story, items, known, context)
        changes += [change] if _does_something(change) else []
        if speaker is not None:
            outcomes[speaker] = outcome
    renamed = sum(story.is_renamed for story in stories)
    return Decision(changes=tuple(changes), outcomes=tuple(outcomes), shared=tuple(resolver.shared), renamed=renamed)


def missing_texts(items: Sequence[Item], known: Known) -> frozenset[int]:
    """Return the positions of items that came without their text and are no known sighting after all."""
    return frozenset(at for at, item in enumerate(items) if not item.text and item.entry.digest not in known.by_digest)


def _change(
    story: Resolved, items: Sequence[Item], known: Known, context: LoadContext
) -> tuple[StoryChange, Outcome, int | None]:
    speaker = _speaker(story, items, context.feed_id)
    if story.known is None:
        assert speaker is not None  # a story is born of an entry
        change, outcome = _birth(items[speaker], story, context)
    elif speaker is None:
        change, outcome = _nothing(story.known, items[0]), Outcome.UNCHANGED
    else:
        is_unchanged = known.by_digest.get(items[speaker].entry.digest) == story.id
        change, outcome = _meeting(items[speaker], story.known, context, is_unchanged=is_unchanged)
    return replace(change, keys=tuple(story.keys)) if story.keys else change, outcome, speaker


def _speaker(story: Resolved, items: Sequence[Item], feed_id: str) -> int | None:
    """Return the entry whose words are the story's: of those that say the most, the one that spoke before."""
    sighting = story.known.sighting_of(feed_id) if story.known else None
    fullest = sorted(at for mention in story.mentions for at in mention.fullest)
    if sighting is not None:
        same = [at for at in fullest if items[at].entry.digest == sighting.entry_digest]
        named = [at for at in fullest if items[at].entry.guid == sighting.guid]
        fullest = [*same, *named, *fullest]
    return next(iter(fullest), None)


def _birth(item: Item, story: Resolved, context: LoadContext) -> tuple[StoryChange, Outcome]:
    is_relevant = context.is_vouched or _is_relevant(item)
    sighting = _sighting(item, None, context)
    state = StoryState(
        url=item.entry.url,
        title=sighting.title,
        language=_text_of(item).language,
        authors=_text_of(item).authors,
        tags=_text_of(item).tags,
        published_at=item.entry.published_at,
        published_raw=item.entry.published_raw,
        is_zone_assumed=item.entry.is_zone_assumed,
        text_source=context.feed_id,
        content_hash=sighting.content_hash,
        revisions=0,
        flapping=False,
        is_relevant=is_relevant,
        is_page_due=is_relevant and _has_page(item, context),
    )
    change = StoryChange(
        story_id=None,
        uid=story_uid(story.keys),
        item=item,
        state=state,
        sighting=sighting,
        version=NewVersion(reason=VersionReason.FIRST),
    )
    return change, Outcome.NEW if is_relevant else Outcome.OFF_TOPIC


def _meeting(item: Item, known: KnownStory, context: LoadContext, *, is_unchanged: bool) -> tuple[StoryChange, Outcome]:
    old = known.sighting_of(context.feed_id)
    if known.is_withdrawn:
        change = _nothing(known, item)
    elif is_unchanged:
        change = _unchanged(item, known, context)
    else:
        change = _changed(item, known, old, context)
    return change, _outcome(change, known, old)


def _outcome(change: StoryChange, known: KnownStory, old: KnownSighting | None) -> Outcome:
    is_relevant = change.state.is_relevant if change.state else known.state.is_relevant
    if not is_relevant:
        return Outcome.OFF_TOPIC
    if not known.state.is_relevant:
        return Outcome.NEW
    if old is None and not known.is_withdrawn:
        return Outcome.DUPLICATE
    return Outcome.UPDATED if change.version else Outcome.UNCHANGED


def _unchanged(item: Item, known: KnownStory, context: LoadContext) -> StoryChange:
    """Do for an entry that has not changed what the feed's settings ask for now: vouch for it, follow it."""
    is_relevant = known.state.is_relevant or context.is_vouched
    is_page_due = is_relevant and known.page_state == PageState.NONE and _has_page(item, context)
    if is_relevant == known.state.is_relevant and not is_page_due:
        return _nothing(known, item)
    state = replace(known.state, is_relevant=is_relevant, is_page_due=is_page_due)
    return replace(_nothing(known, item), state=state)


def _changed(item: Item, known: KnownStory, old: KnownSighting | None, context: LoadContext) -> StoryChange:
    mine = _sighting(item, old, context)
    is_text_source = becomes_text_source(mine, old, known)
    shown = Change(
        content_hash=mine.content_hash,
        source=_text_of(item).source,
        moves_up=is_text_source and moves_up(mine, known),
        title=mine.title,
        text=_text_of(item).text,
    )
    version, is_flapping = judge(shown, known, context) if is_text_source else NO_VERSION
    front = in_order(_with(mine, known), context.feed_id if is_text_source else known.state.text_source)
    is_relevant = known.state.is_relevant or context.is_vouched or (_says_more(mine, old, known) and _is_relevant(item))
    state = replace(
        _described(item, known.state, front),
        title=known.state.title if is_flapping else _title(front, known, has_version=version is not None),
        text_source=front[0].feed_id if is_text_source else known.state.text_source,
        content_hash=mine.content_hash if version else known.state.content_hash,
        revisions=known.state.revisions + is_revision(version),
        flapping=known.state.flapping or is_flapping,
        is_relevant=is_relevant,
        is_page_due=is_relevant and _wants_page(mine, old, known, context),
    )
    return StoryChange(
        story_id=known.id,
        uid=known.uid,
        item=item,
        state=state if state != known.state else None,
        sighting=mine if mine != old else None,
        version=version,
    )


def _with(mine: KnownSighting, known: KnownStory) -> list[KnownSighting]:
    return [mine, *(sighting for sighting in known.sightings if sighting.feed_id != mine.feed_id)]


def _says_more(mine: KnownSighting, old: KnownSighting | None, known: KnownStory) -> bool:
    """Tell whether a sighting says what has not been judged: only a changed text is judged again."""
    return mine.content_hash != (old.content_hash if old else known.state.content_hash)


def _title(front: list[KnownSighting], known: KnownStory, *, has_version: bool) -> str:
    """Return the first feed's title; what stands there stays where that feed says what it said before."""
    said, before = first_title(front), first_title(in_order(known.sightings, known.state.text_source))
    return (said or known.state.title) if has_version or said != before else known.state.title


def _described(item: Item, state: StoryState, front: list[KnownSighting]) -> StoryState:
    """Take author, tags and language from the sighting that stands first; elsewhere fill only what was unknown."""
    text, is_first = _text_of(item), front[0].entry_digest == item.entry.digest
    state = _dated(item, state)
    return replace(
        state,
        url=first_url(front) or state.url,
        language=(is_first and text.language) or state.language or text.language,
        authors=(is_first and text.authors) or state.authors or text.authors,
        tags=(is_first and text.tags) or state.tags or text.tags,
    )


def _dated(item: Item, state: StoryState) -> StoryState:
    """Keep the first known date, with its original string."""
    entry = item.entry
    if state.published_at is not None or (entry.published_at is None and state.published_raw):
        return state
    return replace(
        state,
        published_at=entry.published_at,
        published_raw=entry.published_raw,
        is_zone_assumed=entry.is_zone_assumed,
    )


def _wants_page(mine: KnownSighting, old: KnownSighting | None, known: KnownStory, context: LoadContext) -> bool:
    if known.page_state == PageState.NONE:
        return context.is_full_text and mine.url is not None
    return old is not None and mine.content_hash != old.content_hash


def _sighting(item: Item, old: KnownSighting | None, context: LoadContext) -> KnownSighting:
    text, entry = _text_of(item), item.entry
    return KnownSighting(
        feed_id=context.feed_id,
        position=context.position,
        is_active=True,
        guid=entry.guid,
        url=entry.url,
        url_key=entry.url_key,
        entry_digest=entry.digest,
        content_hash=text.content_hash,
        length_class=max(length_class(text.length), old.length_class if old else 0),
        title=text.title,
        text_hash=mark(text.text),
        published_at=entry.published_at,
        first_run_id=old.first_run_id if old else context.run_id,
    )


def _text_of(item: Item) -> CleanStory:
    assert item.text is not None  # decide() has seen to it
    return item.text


def _is_relevant(item: Item) -> bool:
    return item.classified is not None and item.classified.classification.is_relevant


def _has_page(item: Item, context: LoadContext) -> bool:
    return context.is_full_text and item.entry.url is not None


def _nothing(known: KnownStory, item: Item) -> StoryChange:
    return StoryChange(story_id=known.id, uid=known.uid, item=item)


def _does_something(change: StoryChange) -> bool:
    return bool(change.state or change.sighting or change.version or change.keys)
