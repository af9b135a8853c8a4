"""The `label` command: a person's topics for a story, which no run overwrites."""

import click
from sqlalchemy import Connection

from config.settings import load_settings
from config.topics import load_topics
from flows.cli.archive import archive_reading, existing_engine
from flows.cli.output.terminal import print_lines
from flows.cli.stories.show import url_key_of
from flows.exports.safe_json import json_text
from flows.runs.locks import archive_lock
from flows.runs.session import utc_now
from flows.steps.classify import MAX_TOPICS
from models.archive.feeds import sync_topics
from models.archive.labels import BY_HAND, is_in_ledger, label_by_hand, labelled_by_hand, show_or_hide
from models.archive.ledger import NewRun, finish_run, start_run
from models.database import write_transaction
from models.queries.one_story import find_story, load_story
from models.reports import RunStatus


@click.command()
@click.argument("story_id", metavar="STORY_ID", required=False)
@click.argument("topics", metavar="TOPIC...", nargs=-1)
@click.option("--off-topic", is_flag=True, help="It is not about climate.")
@click.option("--export", "is_export", is_flag=True, help="Print all labels by hand, as `evaluate topics` reads them.")
def label(story_id: str | None, topics: tuple[str, ...], *, off_topic: bool, is_export: bool) -> None:
    """Say what a story is about: one to three topics, the first one first. No run overwrites it.

    --off-topic hides the story everywhere at once; topics show it again.

    \b
    climate-archive label 12 science negotiations
    climate-archive label 13 --off-topic
    climate-archive label --export > corrections.jsonl
    """  # noqa: D301 (\b is click's mark, not Python's)
    if is_export:
        _export()
        return
    topics = tuple(dict.fromkeys(topics))
    if story_id is None or bool(topics) == off_topic:
        raise click.UsageError("Give a story and its topics, or a story and --off-topic.")
    if len(topics) > MAX_TOPICS:
        raise click.UsageError(f"A story has one to {MAX_TOPICS} topics, the first one first.")
    _label(story_id, topics)


def _export() -> None:
    with archive_reading(load_settings()) as connection:
        for story in labelled_by_hand(connection):
            print_lines(json_text(story))


def _label(reference: str, topics: tuple[str, ...]) -> None:
    settings = load_settings()
    taxonomy = load_topics(settings.topics_file)
    if unknown := [topic for topic in topics if topic not in {one.id for one in taxonomy.topics}]:
        raise click.BadParameter(f"there is no topic {unknown[0]!r} in topics.yaml.", param_hint="TOPIC")
    with existing_engine(settings) as engine, archive_lock(engine, "label"), write_transaction(engine) as connection:
        sync_topics(connection, taxonomy)
        found = find_story(connection, reference, url_key_of(reference))
        load_story(connection, found)  # a withdrawn one has nothing to be labelled
        label_by_hand(connection, found, topics, f"v{taxonomy.version}-{BY_HAND}", utc_now())
        run_id = None if is_in_ledger(connection, found) else _recorded(connection)
        show_or_hide(connection, found, run_id, utc_now(), is_shown=bool(topics))
    said = ", ".join(topics) if topics else "not about climate, and hidden"
    print_lines(f"Story {found} is {said}, by hand.")


def _recorded(connection: Connection) -> int:
    """Write a run into the ledger for a story that the gate turned away: a person decides, no feed will."""
    new = NewRun(mode="label", started_by="hand", code_version=BY_HAND, parameters={"feeds": [], "asked": []})
    run_id = start_run(connection, new, utc_now())
    finish_run(connection, run_id, RunStatus.COMPLETED, None, utc_now())
    return run_id
