"""The `topics` command: what a story can be about."""

from typing import Any

import click
from msgspec.structs import asdict

from config.settings import load_settings
from config.topics import load_topics
from flows.cli.archive import archive_reading, has_archive
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_table
from models.queries.ledger.feeds import TopicSummary, list_topics


@click.group()
def topics() -> None:
    """Show what a story can be about."""


@topics.command("list", epilog="Example: climate-archive topics list")
@json_option
def list_(*, as_json: bool) -> None:
    """List the topics of topics.yaml, and those that the archive still knows, with how many stories have each."""
    settings = load_settings()
    found: list[TopicSummary] = []
    if has_archive(settings):
        with archive_reading(settings) as connection:
            found = list_topics(connection)
    counts = {topic.id: topic.stories for topic in found}
    today = [
        TopicSummary(id=one.id, name=one.name, definition=one.definition, is_active=True, stories=counts.get(one.id, 0))
        for one in load_topics(settings.topics_file).topics
    ]
    today += [one for one in found if one.id not in {topic.id for topic in today}]
    if as_json:
        print_json([_json(topic) for topic in today])
        return
    print_table(("topic", "stories", "name", "about"), [_row(topic) for topic in today])


def _json(topic: TopicSummary) -> dict[str, Any]:
    return asdict(topic)


def _row(topic: TopicSummary) -> tuple[object, ...]:
    about = topic.definition if topic.is_active else f"no longer in topics.yaml. {topic.definition}"
    return topic.id, topic.stories, topic.name, about
