"""What is decided of a document, as data and without a database."""

from msgspec.structs import replace

from flows.steps._identity.rereading import all_as_read_now, as_read_now, outdated_version, outdated_versions
from flows.steps.dedupe import Inquiry, decide, missing_texts
from models.identity import (
    Item,
    KeyKind,
    KeyName,
    KeyOwner,
    Known,
    KnownSighting,
    KnownStory,
    KnownVersion,
    LoadContext,
    NewVersion,
    Outcome,
    VersionReason,
)
from tests.builders import NOON, Piece, known_story

PIECE = Piece(guid="1", url="https://one.example/sea")
ITEM = PIECE.item()
BARE = Item(entry=ITEM.entry)
OCCASION = LoadContext(
    feed_id="one",
    position=0,
    is_vouched=True,
    is_full_text=False,
    run_id=2,
    run_ids=frozenset({2}),
    now=NOON,
)
NOTHING = Known(owners={}, stories={}, by_digest={})
GUID = KeyName(kind=KeyKind.GUID, scope="one", key="1")


def _story(item: Item = ITEM) -> KnownStory:
    """Make the story of an item as the feed `one` showed it in run 1."""
    assert item.classified is not None
    text = item.classified.story
    known = known_story(title=text.title, text=text.text, url=item.entry.url, text_source="one")
    sighting = KnownSighting(
        feed_id="one",
        position=0,
        is_active=True,
        guid=item.entry.guid,
        url=item.entry.url,
        url_key=item.entry.url_key,
        entry_digest=item.entry.digest,
        content_hash=text.content_hash,
        length_class=0,
        title=text.title,
    )
    version = KnownVersion(
        id=5,
        number=1,
        reason=VersionReason.FIRST,
        source="feed",
        run_id=1,
        created_at=NOON,
        content_hash=text.content_hash,
        extractor_version="1.1",
    )
    return replace(known, sightings=(sighting,), versions=(version,))


def _known(story: KnownStory) -> Known:
    digests = {sighting.entry_digest: story.id for sighting in story.sightings}
    return Known(owners={GUID: KeyOwner(story_id=story.id)}, stories={story.id: story}, by_digest=digests)


def test_an_empty_document_does_nothing() -> None:
    """There is nothing to write and nothing to count."""
    decision = decide([], NOTHING, OCCASION)
    assert (decision.changes, decision.outcomes, decision.shared) == ((), (), ())


def test_an_entry_without_its_text_that_is_not_known_needs_it() -> None:
    """It is told which of the items are meant; one that the feed shows as it did needs none."""
    assert missing_texts([ITEM, BARE, BARE], NOTHING) == {1, 2}
    assert missing_texts([BARE], _known(_story())) == frozenset()


def test_an_unchanged_entry_needs_neither_its_text_nor_its_story_s() -> None:
    """A glimpse of the story is enough, and nothing is written."""
    glimpse = replace(_story(), text="", versions=(), keys=frozenset())
    decision = decide([BARE], replace(_known(glimpse), owners={}), OCCASION)
    assert (decision.changes, decision.outcomes) == ((), (Outcome.UNCHANGED,))


def test_an_entry_known_by_its_digest_is_unchanged_with_its_text_too() -> None:
    """The prefilter is only a hint."""
    assert decide([ITEM], _known(_story()), OCCASION) == decide([BARE], _known(_story()), OCCASION)


def test_an_entry_of_a_merged_story_is_unchanged_though_the_feed_shows_the_oldest_by_another() -> None:
    """Its digest leads to the oldest, and nothing is compared."""
    other = replace(PIECE, guid="2", text="Other words than before.").item()
    known = replace(_known(_story()), by_digest={other.entry.digest: 1})
    decision = decide([Item(entry=other.entry)], known, OCCASION)
    assert (decision.changes, decision.outcomes) == ((), (Outcome.UNCHANGED,))


def test_a_story_is_born_with_its_keys_and_a_lasting_name() -> None:
    """The name comes from the address before the guid, and from the words where there is neither."""
    [change] = decide([ITEM], NOTHING, OCCASION).changes
    assert [name.kind for name in change.keys] == [KeyKind.GUID, KeyKind.URL]
    [by_url] = decide([replace(PIECE, guid="other").item()], NOTHING, OCCASION).changes
    [by_guid] = decide([replace(PIECE, url=None).item()], NOTHING, OCCASION).changes
    [by_words] = decide([replace(PIECE, guid=None, url=None).item()], NOTHING, OCCASION).changes
    assert change.uid == by_url.uid
    assert len({change.uid, by_guid.uid, by_words.uid}) == 3
    assert {len(uid) for uid in (change.uid, by_guid.uid, by_words.uid)} == {16}


def test_a_document_is_looked_up_by_its_keys_and_digests_and_completed_by_those_that_are_ambiguous() -> None:
    """A title without a word makes no key, and an entry that looks unchanged asks for nothing."""
    inquiry = Inquiry([ITEM], "one")
    names = inquiry.names()
    assert [name.kind for name in names] == [KeyKind.GUID, KeyKind.URL, KeyKind.DIGEST]
    titled, worded = inquiry.completed({names[1]})
    assert (titled.kind, worded.kind) == (KeyKind.TITLED_URL, KeyKind.WORDED_URL)
    assert titled.key.endswith(names[1].key)
    assert inquiry.completed(set()) == []
    assert Inquiry([replace(PIECE, title="!", text="").item()], "one").completed({*names}) == []
    [name] = Inquiry([replace(PIECE, guid=None, url=None).item()], "one").names()
    assert name.kind is KeyKind.DIGEST
    assert Inquiry([BARE], "one").names() == []


def test_a_key_that_lied_is_named() -> None:
    """The archive marks it, and gives both stories a key with their title and one with their text."""
    other = replace(PIECE, url="https://one.example/ice", title="Ice", text="Ice melts everywhere, and fast too.")
    decision = decide([other.item()], _known(_story()), OCCASION)
    assert decision.shared == (GUID,)
    titled = [name.kind for change in decision.changes for name in change.keys if "+" in name.kind]
    assert titled == [KeyKind.TITLED_GUID, KeyKind.WORDED_GUID] * 2


def _revised(story: KnownStory) -> tuple[Known, NewVersion | None]:
    changed = replace(PIECE, text="The sea level rises, and the coast must move with its towns.").item()
    known = _known(story)
    decision = decide([changed], known, OCCASION)
    [change] = decision.changes
    assert outdated_versions(decision, known, "1.1") == frozenset()
    assert outdated_versions(decision, known, "2.0") == {5}
    return known, change.version


def test_a_version_made_by_older_code_is_outdated_once_a_text_is_about_to_revise_it() -> None:
    """A birth, an unchanged story and a better source compare nothing."""
    known, version = _revised(_story())
    assert version is not None
    story = known.stories[1]
    assert outdated_version(version, story, "2.0") == {5}
    assert outdated_version(None, story, "2.0") == frozenset()
    assert outdated_version(replace(version, reason=VersionReason.COMPLETED), story, "2.0") == frozenset()
    birth = decide([ITEM], NOTHING, OCCASION)
    assert outdated_versions(birth, NOTHING, "2.0") == frozenset()


def test_an_old_version_is_taken_as_it_is_read_now() -> None:
    """Where it cannot be read, it stands as it was."""
    story = _story()
    now = as_read_now(story, {5: "new"})
    assert (now.state.content_hash, now.versions[-1].content_hash) == ("new", "new")
    for hashes in ({}, {5: None}, {6: "new"}):
        assert as_read_now(story, hashes) == story
    assert as_read_now(replace(story, versions=()), {5: "new"}).state == story.state
    known = _known(story)
    assert all_as_read_now(known, {}) is known
    assert all_as_read_now(known, {5: "new"}).stories[1] == now
