"""What feeds.yaml says replaces what the archive had; what the nights taught stays unless an address was edited."""

from datetime import timedelta

from msgspec.structs import replace
from sqlalchemy import select

from models.archive.ledger.feeds import FeedState, load_memories, remember, sync_feeds, sync_topics
from models.stages import Gate, Taxonomy, Topic
from models.tables.feeds import Feed
from models.tables.labels import TopicRow
from tests.builders import NOON, Archive, feed_spec


def test_a_feed_remembers_what_the_nights_taught(archive: Archive) -> None:
    """Also when it is said again as it was."""
    spec = archive.feed()
    memory = replace(load_memories(archive.connection)["one"], etag='"e"', failing_nights=3, last_success_at=NOON)
    remember(archive.connection, memory)
    sync_feeds(archive.connection, [replace(spec, name="Renamed")], NOON)
    assert load_memories(archive.connection)["one"] == memory
    assert archive.connection.scalar(select(Feed.name)) == "Renamed"


def test_an_edited_address_forgets_what_the_old_one_taught(archive: Archive) -> None:
    """Validators, patience and failures were the old address's."""
    spec = archive.feed()
    taught = replace(
        load_memories(archive.connection)["one"],
        current_url="https://moved.example/feed",
        etag='"e"',
        last_modified="yesterday",
        parsed_as="1 gate summary",
        next_attempt_at=NOON + timedelta(days=7),
        failure_points=30.0,
        failing_nights=10,
        state=FeedState.DORMANT.value,
        state_reason="it did not answer",
    )
    remember(archive.connection, taught)
    sync_feeds(archive.connection, [replace(spec, url="https://new.example/feed")], NOON)
    memory = load_memories(archive.connection)["one"]
    assert memory.current_url == "https://new.example/feed"
    assert (memory.etag, memory.last_modified, memory.parsed_as, memory.next_attempt_at) == (None,) * 4
    assert (memory.state, memory.state_reason) == (FeedState.ACTIVE.value, None)
    assert (memory.failure_points, memory.failing_nights) == (0.0, 0)


def test_a_feed_out_of_the_list_stays_inactive_and_comes_back(archive: Archive) -> None:
    """A source of imports is not in the list and stays as it is."""
    spec = archive.feed()
    archive.import_source()
    for listed in ([feed_spec("two")], [spec]):
        sync_feeds(archive.connection, listed, NOON)
        active = set(archive.connection.scalars(select(Feed.id).where(Feed.is_active)))
        assert active == {listed[0].id, "import"}


def test_a_topic_taken_out_stays_inactive(archive: Archive) -> None:
    """Its old labels point to it."""
    topics = (Topic(id="energy", name="Power", definition="d", terms=()),)
    sync_topics(
        archive.connection,
        Taxonomy(version=2, digest="y", topics=topics, gate=Gate(threshold=1.0, terms=(), negatives=())),
    )
    rows = dict(archive.connection.execute(select(TopicRow.id, TopicRow.is_active)).tuples().all())
    assert rows == {"energy": True, "policy": False, "science": False}
    assert archive.connection.scalar(select(TopicRow.name).where(TopicRow.id == "energy")) == "Power"
