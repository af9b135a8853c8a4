"""The `show` command: one story."""

from typing import Any

import click

from config.settings import load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import json_option
from flows.cli.output.copies import copies_json, print_copies, related_json
from flows.cli.output.terminal import moment, print_json, print_lines
from flows.exports.shape import iso, shown_url, story_shape
from models.acts import BY_HAND
from models.queries.copies import copies_of
from models.queries.one_story import Judgement, VersionRecord, find_story, judgement_of, load_story, versions_of
from models.queries.related import related_stories
from models.queries.stories import StoryRecord


@click.command()
@click.argument("story_id", metavar="STORY_ID")
@click.option("--revisions", is_flag=True, help="Also every version, with what it changed.")
@click.option("--explain", is_flag=True, help="Also the words that speak for its topics, marked in the text.")
@json_option
def show(story_id: str, *, revisions: bool, explain: bool, as_json: bool) -> None:
    """Show one story. STORY_ID is its id, its uid, or any of its addresses.

    \b
    climate-archive show 12 --explain
    climate-archive show https://example.org/news/sea-level --revisions
    """  # noqa: D301 (\b is click's mark, not Python's)
    settings = load_settings()
    with archive_reading(settings) as connection:
        found = find_story(connection, story_id, url_key_of(story_id))
        story = load_story(connection, found)
        versions = versions_of(connection, found) if revisions else []
        judgement = judgement_of(connection, found) if explain else None
        copies, related = copies_of(connection, found), related_stories(connection, found)
    if as_json:
        shape = story_shape(story) | {"relevant_at": iso(story.relevant_at)}
        shape |= _asked(versions, judgement, revisions=revisions, explain=explain)
        print_json(shape | copies_json(copies, found) | {"related": related_json(related)})
        return
    print_lines(*_head(story, moment(story.published_at, settings.zone), moment(story.first_seen_at, settings.zone)))
    if judgement:
        from flows.cli.output.explain import print_explanation

        print_explanation(judgement)
    else:
        print_lines("", story.text)
    print_copies(copies, related, settings.zone)
    if versions:
        from flows.cli.output.revisions import print_revisions

        print_revisions(versions, settings.zone)


def _asked(
    versions: list[VersionRecord], judgement: Judgement | None, *, revisions: bool, explain: bool
) -> dict[str, Any]:
    """Return what the options add to a story's JSON."""
    added: dict[str, Any] = {}
    if revisions:
        from flows.cli.output.revisions import versions_json

        added["versions"] = versions_json(versions)
    if explain:
        from flows.cli.output.explain import explanation_json

        added["evidence"] = explanation_json(judgement)
    return added


def url_key_of(reference: str) -> str | None:
    """Return the canonical form of a reference that is a URL."""
    if "://" not in reference:
        return None
    from flows.steps.text.urls import url_key  # a table of domains that other references need not load

    return url_key(reference)


def _head(story: StoryRecord, published: str, first_seen: str) -> list[str]:
    topics = ", ".join(f"{topic.id} {topic.score:.2f}" for topic in story.topics)
    facts = {
        "story": f"{story.id} ({story.uid}), run {story.run_id}",
        "address": shown_url(story.url),
        "outlets": ", ".join(story.outlets),
        "authors": ", ".join(story.authors),
        "published": published,
        "first seen": first_seen,
        "language": story.language,
        "feeds": ", ".join(story.feeds),
        "topics": f"{topics} (by hand)".strip() if story.labelled_by == BY_HAND else topics,
        "relevance": None if story.relevance is None else f"{story.relevance:.2f}",
        "text by": None if story.method is None else f"{story.method}, confidence {story.confidence:.2f}",
        "revisions": str(story.revisions),
        "off topic": None if story.relevant_at else "yes: it is kept, and hidden unless asked for",
    }
    return [story.title or "(no title)", "", *(f"{name:<11}{value}" for name, value in facts.items() if value)]
