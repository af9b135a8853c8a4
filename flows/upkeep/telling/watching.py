"""After a night: what has met the saved searches since, and those who are told of it."""

import logging
from collections.abc import Iterator, Sequence
from typing import Final

from sqlalchemy import Connection, Engine

from config.addresses import Recipient, recipients
from config.settings import Settings
from config.watches import load_watches
from flows.exports.brief import BriefStory, first_sentence, text_line
from flows.runs.locks import archive_lock
from flows.upkeep.telling.delivery import Occasion
from models.archive.watches import Met, Sent, begin_to_tell, keep_matches, keep_sent, news_since
from models.queries.stories import StoryRecord, load_stories
from models.queries.watches import UntoldMatches, newcomers, untold
from models.storage.database import read_transaction, write_transaction
from models.watches import Watch
from models.wording import counted

log = logging.getLogger(__name__)

NO_ADDRESS: Final = "there is no such variable in the environment of the night"
_MOST_SHOWN: Final = 25  # stories of a message; more is no message
_MOST_LOADED: Final = 100  # the latest, of which copies are folded


def tell_watches(settings: Settings, engine: Engine, occasion: Occasion) -> None:
    """Look for what meets the watches by now, and tell those who want to know.

    What could not be told stays untold, and is tried after the next night. Raise ConfigError, LockHeld, StorageError.
    """
    watches = load_watches(settings)
    told = {watch: tuple(_recipients(settings, watch)) for watch in watches}
    if not watches:
        return
    with archive_lock(engine, "watches"):
        for watch, people in told.items():
            with write_transaction(engine) as connection:
                look_for(connection, watch, [one.name for one in people], occasion)
        for watch, people in told.items():
            for recipient in people:
                _tell(engine, watch, recipient, occasion)


def look_for(connection: Connection, watch: Watch, people: Sequence[str], occasion: Occasion) -> None:
    """Keep what meets a watch and has not before; to one that begins, what was there before the night is no news."""
    since = news_since(connection, watch, occasion.now, occasion.night.started_at)
    begin_to_tell(connection, watch, people, occasion.night.run_id)
    met = []
    for one in newcomers(connection, watch):
        was_there = one.relevant_at < since
        at = one.relevant_at if was_there else occasion.now
        met.append(Met(story_id=one.story_id, matched_at=at, is_known=was_there or one.is_part_known))
    keep_matches(connection, watch, met)


def keep_told(engine: Engine, sent: Sent) -> None:
    """Keep in the ledger that somebody was told, or why not, and warn where not."""
    with write_transaction(engine) as connection:
        keep_sent(connection, sent)
    if sent.refusal:
        what = f"the watch {sent.watch}" if sent.watch else "the morning brief"
        log.warning("%s was not taken by %s: %s", what, sent.recipient, sent.refusal)


def _recipients(settings: Settings, watch: Watch) -> Iterator[Recipient]:
    for variable in watch.told:
        yield from recipients(settings, variable)


def _tell(engine: Engine, watch: Watch, recipient: Recipient, occasion: Occasion) -> None:
    """Tell somebody what they have not been told of yet. No transaction is open while a message is on its way."""
    with read_transaction(engine) as connection:
        waiting = untold(connection, watch.name, recipient.name)
        latest = load_stories(connection, waiting.story_ids[-_MOST_LOADED:])
    if not waiting.story_ids:
        return
    refusal = NO_ADDRESS
    if recipient.address is not None:
        title, text = f"Climate archive: {watch.name}", message(watch.name, waiting, latest)
        refusal = occasion.deliver(recipient.address.revealed(), title, text) or ""
    sent = Sent(
        run_id=occasion.night.run_id,
        watch=watch.name,
        recipient=recipient.name,
        told_upto=waiting.after if refusal else waiting.upto,
        stories=len(waiting.story_ids),
        tried_at=occasion.now,
        refusal=refusal or None,
    )
    keep_told(engine, sent)


def message(name: str, waiting: UntoldMatches, latest: Sequence[StoryRecord]) -> str:
    """Write what met a watch as plain text, the latest first, copies of one text once."""
    clusters: dict[int, list[StoryRecord]] = {}
    for story in reversed(latest):
        clusters.setdefault(story.cluster_id, []).insert(0, story)
    shown = list(clusters.values())[:_MOST_SHOWN]
    rest = len(waiting.story_ids) - sum(map(len, shown))
    said = counted(len(waiting.story_ids), "new story meets", "new stories meet")
    lines = [f"{said} the watch {name}.", "", *map(_line, shown)]
    lines += [f"\nAnd {rest} more: `climate-archive watches show {name}` lists them."] if rest else []
    return "\n".join(lines)


def _line(cluster: Sequence[StoryRecord]) -> str:
    first = cluster[0]
    outlets = dict.fromkeys(name for story in cluster for name in story.outlets)
    return text_line(
        BriefStory(
            title=first.title or "(no title)",
            sentence=first_sentence(first.text),
            url=first.url,
            outlets=tuple(outlets),
            uid=first.uid,
        )
    )
