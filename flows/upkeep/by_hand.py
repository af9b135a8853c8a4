"""What people do to stories by hand, each act in the ledger with who and when, by the transaction that does it."""

import getpass
import os
from collections.abc import Sequence
from datetime import datetime

from msgspec import Struct
from sqlalchemy import Connection, Engine

from flows.runs.locks import archive_lock
from flows.steps.classify import MAX_TOPICS
from models.acts import BY_HAND, Act, ActKind, ActVia, Hand
from models.archive.acts import record_act, tell_outcome
from models.archive.labels import is_in_ledger, label_by_hand, show_or_hide
from models.archive.ledger.feeds import sync_topics
from models.archive.ledger.runs import NewRun, finish_run, start_run
from models.queries.one_story import find_story, load_story
from models.reports import RunStatus
from models.stages import Taxonomy
from models.storage.database import write_transaction


class Labelling(Struct, frozen=True, kw_only=True):
    """What a person says that a story is about."""

    reference: str  # the story's id, uid or address
    url_key: str | None = None  # the canonical form of a reference that is an address
    topics: tuple[str, ...]  # the first one first; none: it is not about climate
    taxonomy: Taxonomy


def command_hand() -> Hand:
    """Return who calls a command: the account, by its name where it has one."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a number without a name, as in a container
        name = f"uid {os.getuid()}"
    return Hand(name=name, via=ActVia.COMMAND)


def wrong_topics(topics: Sequence[str], taxonomy: Taxonomy) -> str | None:
    """Say in a sentence what is wrong with the topics that a person gave; None where nothing is."""
    if len(topics) > MAX_TOPICS:
        return f"A story has one to {MAX_TOPICS} topics, the first one first."
    known = {topic.id for topic in taxonomy.topics}
    unknown = next((topic for topic in topics if topic not in known), None)
    return None if unknown is None else f"There is no topic {unknown!r} in topics.yaml."


def label_story(engine: Engine, labelling: Labelling, hand: Hand, now: datetime) -> int:
    """Make a person's topics the labels of a story, which no run overwrites; return its id.

    Without topics it is hidden everywhere at once; topics show it again.

    Raises:
        NotFound: There is no such story, or it was withdrawn.
        LockHeld: The archive is being restored or migrated.

    """
    with archive_lock(engine, "label"), write_transaction(engine) as connection:
        sync_topics(connection, labelling.taxonomy)
        found = find_story(connection, labelling.reference, labelling.url_key)
        load_story(connection, found)  # a withdrawn one has nothing to be labelled
        topics = labelling.topics
        label_by_hand(connection, found, topics, f"v{labelling.taxonomy.version}-{BY_HAND}", now)
        run_id = None if is_in_ledger(connection, found) else _recorded(connection, now)
        show_or_hide(connection, found, run_id, now, is_shown=bool(topics))
        detail = ", ".join(topics) or "not about climate"
        record_act(connection, Act(hand=hand, kind=ActKind.LABELLED, story_id=found, detail=detail), now)
    return found


def note(engine: Engine, act: Act, now: datetime) -> int:
    """Write an act into the ledger that changes nothing in the archive itself; return its number."""
    with write_transaction(engine) as connection:
        return record_act(connection, act, now)


def note_outcome(engine: Engine, number: int, detail: str) -> None:
    """Write down what became of an act."""
    with write_transaction(engine) as connection:
        tell_outcome(connection, number, detail)


def _recorded(connection: Connection, now: datetime) -> int:
    """Write a run into the ledger for a story that the gate turned away: a person decides, no feed will."""
    new = NewRun(mode="label", started_by="hand", code_version=BY_HAND, parameters={"feeds": [], "asked": []})
    run_id = start_run(connection, new, now)
    finish_run(connection, run_id, RunStatus.COMPLETED, None, now)
    return run_id
