"""A night in short, read from the archive; and sent to those who want it in the morning."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, Engine

from config.addresses import alerted
from config.settings import Settings
from flows.exports.brief import Brief, BriefStory, BriefTopic, as_text, first_sentence
from flows.upkeep.telling.delivery import Occasion
from flows.upkeep.telling.watching import keep_told
from models.archive.watches import Sent
from models.queries.corrections import CorrectionRecord, CorrectionRequest
from models.queries.corrections import corrections as find_corrections
from models.queries.ledger.feeds import feed_names, topic_names
from models.queries.ledger.nights import Night, TopicNews, find_night, news_by_topic
from models.queries.ledger.runs import run_report
from models.queries.stories import StoryRecord, load_stories, outlets_of
from models.storage.database import snapshot

_STORIES = 3  # of a topic
_LOOKED_AT = 200  # of a topic: those that most outlets carry are shown
_CORRECTIONS = 8  # stories
_CHANGES = 3  # of a story
_READ = 500  # corrections
_NOTHING = ("failed", "gone")


def send_brief(settings: Settings, engine: Engine, occasion: Occasion) -> None:
    """Send what a night brought to the addresses of the alerts, where the settings want that. Raise StorageError."""
    people = alerted(settings) if settings.alerts.brief else ()
    if not people:
        return
    with snapshot(engine) as connection:
        made = brief_of(connection, find_night(connection, str(occasion.night.run_id)), settings.zone)
    title, _, text = as_text(made).partition("\n")
    for one in people:
        assert one.address is not None  # the settings name those alone who have one
        sent = Sent(
            run_id=occasion.night.run_id,
            watch=None,
            recipient=one.name,
            told_upto=0,
            stories=made.new,
            tried_at=occasion.now,
            refusal=occasion.deliver(one.address.revealed(), title, text.strip() or title),
        )
        keep_told(engine, sent)


def brief_of(connection: Connection, night: Night, zone: ZoneInfo) -> Brief:
    """Return a night in short."""
    news = news_by_topic(connection, night.run_ids, _LOOKED_AT)
    names = topic_names(connection)
    feeds = feed_names(connection)
    reports = [run_report(connection, run_id) for run_id in night.run_ids]
    last = {feed.feed: feed.status.value for report in reports for feed in report.feeds}
    return Brief(
        day=night.started_at.astimezone(zone).date(),
        new=sum(topic.count for topic in news),
        topics=tuple(_topic(connection, topic, names) for topic in news),
        corrections=tuple(_corrections(connection, night)),
        unanswered=tuple(feeds.get(feed, feed) for feed, status in last.items() if status in _NOTHING),
    )


def _topic(connection: Connection, news: TopicNews, names: dict[str, str]) -> BriefTopic:
    stories = {
        story.id: story
        for story in load_stories(connection, [story_id for cluster in news.clusters for story_id in cluster])
    }
    clusters = [[stories[one] for one in cluster if one in stories] for cluster in news.clusters]
    ranked = sorted((one for one in clusters if one), key=lambda cluster: -len(_outlets(cluster)))
    return BriefTopic(
        name=names.get(news.topic or "", news.topic or "Without a topic"),
        count=news.count,
        stories=tuple(_story(cluster) for cluster in ranked[:_STORIES]),
    )


def _story(cluster: Sequence[StoryRecord]) -> BriefStory:
    first = cluster[0]
    return BriefStory(
        title=first.title or "(no title)",
        sentence=first_sentence(first.text),
        url=first.url,
        outlets=_outlets(cluster),
        uid=first.uid,
    )


def _outlets(cluster: Sequence[StoryRecord]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for story in cluster for name in story.outlets))


def _corrections(connection: Connection, night: Night) -> list[BriefStory]:
    found = find_corrections(connection, CorrectionRequest(run_ids=night.run_ids, limit=_READ))
    by_story: dict[int, list[CorrectionRecord]] = {}
    for one in found:
        by_story.setdefault(one.story_id, []).insert(0, one)  # the latest story first, its first correction in front
    chosen = list(by_story.values())[:_CORRECTIONS]
    outlets = outlets_of(connection, [of_story[0].story_id for of_story in chosen])
    return [_corrected(of_story, outlets[of_story[0].story_id]) for of_story in chosen]


def _corrected(found: Sequence[CorrectionRecord], outlets: tuple[str, ...]) -> BriefStory:
    said = list(dict.fromkeys(f"{one.kind.value}: {_change(one)}" for one in found))
    said = [*said[:_CHANGES], f"and {len(said) - _CHANGES} more"] if len(said) > _CHANGES else said
    story = found[-1]
    return BriefStory(title=story.title, sentence="; ".join(said), url=story.url, outlets=outlets, uid=story.uid)


def _change(one: CorrectionRecord) -> str:
    """Return the very words that changed; where they are not known, the sentence that came or left."""
    if one.before or one.after:
        return f"{one.before or '–'} → {one.after or '–'}"
    return one.sentence_after or one.sentence_before
