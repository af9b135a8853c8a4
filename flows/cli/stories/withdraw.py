"""The `withdraw` command: a takedown."""

import sys
from typing import Any

import click
from msgspec import Struct
from sqlalchemy import Connection

from config.settings import Settings, load_settings
from flows.cli.archive import archive_reading, existing_engine, raw_store
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_lines, say
from flows.cli.stories.show import url_key_of
from flows.exports.shape import iso, shown_url
from flows.runs.session import utc_now
from flows.upkeep.by_hand import command_hand
from flows.upkeep.withdraw import LIST, Done, TakedownScope, withdraw_by_hand
from models.queries.one_story import Tombstone, find_story, tombstone_of, versions_of
from models.queries.stories import load_stories
from models.wording import counted

_EXIT_NOT_DONE = 1


@click.command()
@click.argument("story_id", metavar="STORY_ID")
@click.option("--reason", help="Why; it stays with the story's tombstone. Needed but for --dry-run.")
@click.option("--dry-run", is_flag=True, help="Only show which story it is.")
@click.option("--yes", is_flag=True, help="Do not ask on a terminal.")
@json_option
@click.pass_context
def withdraw(ctx: click.Context, story_id: str, *, reason: str | None, dry_run: bool, yes: bool, as_json: bool) -> None:
    """Take a story's words out of the archive for good: titles, texts, labels, pages.

    Its keys and a tombstone stay, so that it never returns. STORY_ID is its id, its uid, or any of its addresses. The
    database is written anew, so that none of its files holds the words.

    \b
    climate-archive withdraw 12 --reason "asked for by its author"
    """  # noqa: D301 (\b is click's mark, not Python's)
    if not dry_run and not (reason or "").strip():
        raise click.BadParameter("say why", param_hint="--reason")
    settings = load_settings()
    with archive_reading(settings) as connection:
        chosen = chosen_story(connection, story_id)
    if dry_run:
        print_json(_chosen_json(chosen)) if as_json else print_lines(*chosen.lines, "Nothing was withdrawn.")
        return
    say("\n".join(chosen.lines))
    if not yes and sys.stdin.isatty() and not click.confirm("Withdraw it for good?", err=True):
        say("Nothing was withdrawn.")
        ctx.exit(_EXIT_NOT_DONE)
    done = _withdraw(settings, chosen, (reason or "").strip())
    print_json(_json(done)) if as_json else print_lines(*withdrawal_lines(done))
    if done.left:
        say(left_line(done.left))
        ctx.exit(_EXIT_NOT_DONE)


class Chosen(Struct, frozen=True, kw_only=True):
    """The story that a takedown is about."""

    id: int
    title: str
    url: str | None
    versions: int
    before: Tombstone | None  # of an earlier withdrawal

    @property
    def lines(self) -> tuple[str, ...]:
        """Say which story it is."""
        title = self.title or ("(withdrawn before)" if self.before else "(no title)")
        return (f"Story {self.id}: {title}", f"  {self.url or 'no address'}", f"  {counted(self.versions, 'version')}")


def chosen_story(connection: Connection, reference: str) -> Chosen:
    """Return the story that an id, a uid or an address names. Raise NotFound."""
    story_id = find_story(connection, reference, url_key_of(reference))
    before = tombstone_of(connection, story_id)
    (story,) = load_stories(connection, [story_id])
    versions = len(versions_of(connection, story_id))
    return Chosen(id=story_id, title=story.title, url=shown_url(story.url), versions=versions, before=before)


def _withdraw(settings: Settings, chosen: Chosen, reason: str) -> Done:
    with existing_engine(settings) as engine:
        archive = TakedownScope(engine=engine, raw=raw_store(settings), home=settings.home)
        return withdraw_by_hand(archive, chosen.id, reason, command_hand(), utc_now())


def _chosen_json(chosen: Chosen) -> dict[str, Any]:
    before = iso(chosen.before.withdrawn_at) if chosen.before else None
    return {
        "id": chosen.id,
        "title": chosen.title,
        "url": chosen.url,
        "versions": chosen.versions,
        "withdrawn_before": before,
    }


def _json(done: Done) -> dict[str, Any]:
    return {
        "withdrawn": list(done.taken.withdrawal.story_ids),
        "withdrawn_before": iso(done.taken.before.withdrawn_at) if done.taken.before else None,
        "versions_deleted": done.taken.withdrawal.versions,
        "pages_deleted": done.taken.pages,
        "documents_that_stay": list(done.taken.withdrawal.documents),
        "not_overwritten": done.left,
    }


def withdrawal_lines(outcome: Done) -> list[str]:
    """Say what was withdrawn, what stays, and what is yours to clean."""
    done, before = outcome.taken.withdrawal, outcome.taken.before
    names = ", ".join(str(story_id) for story_id in done.story_ids)
    deleted = (
        f"Deleted: {counted(done.versions, 'version')} with labels, {counted(outcome.taken.pages, 'stored document')}."
    )
    head = f"Withdrawn: story {names}."
    if before:
        head = f"Story {names} was withdrawn before, on {before.withdrawn_at:%Y-%m-%d}: {before.reason}."
    lines = [f"{head} {deleted}"]
    if done.documents:
        lines.append(
            f"Still in the raw store: {counted(len(done.documents), 'document')} of its feeds or imports that brought "
            "it among other stories:"
        )
        lines += [f"  {digest}" for digest in done.documents]
    return [
        *lines,
        "Copies outside the archive (exports, backups) are not touched.",
        f"Restore a backup taken before this with {LIST} in the data folder: what stands there is withdrawn again.",
    ]


def left_line(why: str) -> str:
    """Say that deleted words could not be overwritten, and what to do about it."""
    return f"Deleted words may still lie in the database's free space: {why}. The same again goes on."
