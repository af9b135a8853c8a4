"""The shape of a story outside the archive: names that users and tools rely on."""

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from models.queries.stories import StoryRecord
from models.stages import TopicScore
from models.tracking import untracked_url

if TYPE_CHECKING:  # a command loads the queries that it asks
    from models.queries.arrivals import Arrival
    from models.queries.searching.search import FoundStory


def listed_shape(story: "StoryRecord | FoundStory | Arrival") -> dict[str, Any]:
    """Return what every list says of a story, as JSON shows it."""
    return {
        "id": story.id,
        "uid": story.uid,
        "title": story.title,
        "url": story.url,
        "canonical_url": shown_url(story.url),
        "language": story.language,
        "published_at": iso(story.published_at),
        "cluster_id": story.cluster_id,
        "feeds": list(story.feeds),
        "topics": topic_shapes(story.topics),
    }


def story_shape(story: StoryRecord) -> dict[str, Any]:
    """Return a story as JSON shows it."""
    return {
        "id": story.id,
        "uid": story.uid,
        "url": story.url,
        "canonical_url": shown_url(story.url),
        "title": story.title,
        "text": story.text,
        "authors": list(story.authors),
        "language": story.language,
        "published_at": iso(story.published_at),
        "first_seen_at": iso(story.first_seen_at),
        "feeds": list(story.feeds),
        "outlets": list(story.outlets),
        "tags": list(story.tags),
        "off_topic": story.relevant_at is None,
        "relevance": story.relevance,
        "topics": topic_shapes(story.topics),
        "classifier_version": story.classifier_version,
        "labelled_by": story.labelled_by,
        "revisions": story.revisions,
        "cluster_id": story.cluster_id,
        "extraction": {"method": story.method, "confidence": story.confidence},
        "sha256": story.content_hash,
        "run_id": story.run_id,
    }


def shown_url(url: str | None) -> str | None:
    """Return an address as it is shown and compared: without tracking parameters."""
    return untracked_url(url) if url else url


def topic_shapes(topics: Iterable[TopicScore]) -> list[dict[str, Any]]:
    """Return topics as JSON shows them."""
    return [{"id": topic.id, "score": topic.score, "primary": topic.primary} for topic in topics]


def iso(moment: datetime | None) -> str | None:
    """Return a moment in UTC to the second: 2026-07-14T04:15:00Z."""
    return None if moment is None else moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
