"""The `label` command: a person's topics for a story, which no run overwrites."""

import click

from config.settings import load_settings
from config.topics import read_topics
from flows.cli.archive import archive_reading, existing_engine
from flows.cli.output.terminal import print_lines
from flows.cli.stories.show import url_key_of
from flows.exports.safe_json import json_text
from flows.runs.session import utc_now
from flows.upkeep.by_hand import Labelling, command_hand, label_story, wrong_topics
from models.archive.labels import labelled_by_hand


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
    _label(story_id, topics)


def _export() -> None:
    with archive_reading(load_settings()) as connection:
        for story in labelled_by_hand(connection):
            print_lines(json_text(story))


def _label(reference: str, topics: tuple[str, ...]) -> None:
    settings = load_settings()
    taxonomy = read_topics(settings.topics_file)
    if mistake := wrong_topics(topics, taxonomy):
        raise click.UsageError(mistake)
    said = Labelling(reference=reference, url_key=url_key_of(reference), topics=topics, taxonomy=taxonomy)
    with existing_engine(settings) as engine:
        found = label_story(engine, said, command_hand(), utc_now())
    shown = ", ".join(topics) if topics else "not about climate, and hidden"
    print_lines(f"Story {found} is {shown}, by hand.")
