"""The `reclassify` command: labels by today's terms and weights for what is kept."""

import asyncio
import sys
from datetime import date, datetime
from typing import Any, Final

import click
from msgspec.structs import asdict

from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading
from flows.cli.options import Day, json_option, require_topics
from flows.cli.output.progress import shown_progress
from flows.cli.output.terminal import print_json, print_lines, print_table, say
from flows.upkeep.reclassify import ReclassifyResult, read_waiting
from flows.upkeep.reclassify import reclassify as label_again
from flows.upkeep.relabel import RelabelRequest
from models.archive.labels import Choice
from models.days import day_begin
from models.queries.ledger.feeds import topic_ids
from models.reports import MeaningCounts
from models.waiting import count_waiting
from models.wording import counted, readings

MOST_CHURN: Final = 0.2  # of the stories with another first topic: more is rarely what was meant


@click.command(epilog="Example: climate-archive reclassify --since 2026-01-01 --dry-run")
@click.option("--since", type=Day(), metavar="DATE", help="Only stories first seen from then on.")
@click.option("--topic", metavar="TOPIC", help="Only stories that have this topic now.")
@click.option("--waiting", is_flag=True, help="Only what waits for the second reader: all of it, now.")
@click.option("--dry-run", is_flag=True, help="Only say what would change.")
@click.option("--yes", is_flag=True, help=f"Also where over {MOST_CHURN:.0%} of the stories get another first topic.")
@json_option
def reclassify(
    *, since: date | datetime | None, topic: str | None, waiting: bool, dry_run: bool, yes: bool, as_json: bool
) -> None:
    """Label the stories of the archive again, by today's topics.yaml and weights.

    The old labels stay until the new ones are complete. Cut off, the same command goes on where it was. Labels by hand
    are never touched; a story that was turned away and is found to be about climate is admitted.

    With --waiting the labels are done that a night left to the second reader, each as soon as it is read.
    """
    settings = load_settings()
    if waiting:
        if since is not None or topic is not None:
            raise click.UsageError("--waiting reads all that waits: --since and --topic do not narrow it.")
        _read_waiting(settings, is_rehearsal=dry_run, as_json=as_json)
        return
    with archive_reading(settings) as connection:
        if topic is not None:
            require_topics([topic], topic_ids(connection))
    choice = Choice(since=day_begin(since, settings.zone), topic=topic)
    done = label_again(
        settings, RelabelRequest(choice=choice, is_rehearsal=dry_run), most_churn=MOST_CHURN, is_sure=yes
    )
    print_json(_json(done)) if as_json else _print(done)
    if not done.is_switched and not dry_run:
        say(f"Nothing was switched: over {MOST_CHURN:.0%} would get another first topic. --yes switches all the same.")
        sys.exit(1)


def _read_waiting(settings: Settings, *, is_rehearsal: bool, as_json: bool) -> None:
    with archive_reading(settings) as connection:
        counts = MeaningCounts(waiting=count_waiting(connection))
    if not is_rehearsal:
        with shown_progress():
            counts = asyncio.run(read_waiting(settings))
    if as_json:
        print_json(asdict(counts))
    else:
        print_lines(readings(counts) or "No story waits for the second reader.")


def _json(done: ReclassifyResult) -> dict[str, Any]:
    churn = done.churn
    return {
        "classifier_version": done.classifier_version,
        "switched": done.is_switched,
        "stories": churn.stories,
        "first_topic_changed": churn.first_changed,
        "share": round(churn.share, 4),
        "admitted": churn.admitted,
        "topics": {
            topic: {"before": churn.before[topic], "came": churn.came[topic], "left": churn.left[topic]}
            for topic in sorted(churn.before | churn.came)
        },
        "worst": [
            {"id": one.story_id, "title": one.title, "before": one.before, "after": one.after} for one in churn.examples
        ],
    }


def _print(done: ReclassifyResult) -> None:
    churn = done.churn
    judged = f"{counted(churn.stories, 'story', 'stories')} judged by {done.classifier_version}"
    print_lines(
        f"{judged}: {churn.first_changed} with another first topic ({churn.share:.1%}), {churn.admitted} admitted.",
        "The new labels are the current ones." if done.is_switched else "The old labels are the current ones.",
    )
    topics = sorted(churn.before | churn.came)
    print_table(
        ("topic", "before", "came", "left"),
        [(topic, churn.before[topic], churn.came[topic], churn.left[topic]) for topic in topics],
    )
    if churn.worst:
        rows = [(one.story_id, one.title, one.before, one.after) for one in churn.examples]
        print_table(("story", "title", "before", "after"), rows)
