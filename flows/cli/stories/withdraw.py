"""The `withdraw` command: a takedown."""

from dataclasses import dataclass
from typing import Any

import click

from config.settings import Settings, load_settings
from flows.cli.archive import existing_engine, raw_store
from flows.cli.options import json_option
from flows.cli.output.terminal import print_json, print_lines
from flows.cli.stories.show import url_key_of
from flows.exports.shape import iso
from flows.runs.locks import archive_lock
from flows.runs.session import utc_now
from models.archive.documents import unnamed
from models.archive.withdrawals import Withdrawal, withdraw_story
from models.database import write_transaction
from models.queries.one_story import Tombstone, find_story, tombstone_of
from models.wording import counted


@click.command()
@click.argument("story_id", metavar="STORY_ID")
@click.option("--reason", required=True, help="Why; it stays with the story's tombstone.")
@json_option
def withdraw(story_id: str, *, reason: str, as_json: bool) -> None:
    """Take a story's words out of the archive for good: titles, texts, labels, pages.

    Its keys and a tombstone stay, so that it never returns. STORY_ID is its id, its uid, or any of its addresses.

    \b
    climate-archive withdraw 12 --reason "asked for by its author"
    """  # noqa: D301 (\b is click's mark, not Python's)
    if not reason.strip():
        raise click.BadParameter("say why", param_hint="--reason")
    done = _withdraw(load_settings(), story_id, reason.strip())
    if as_json:
        print_json(_json(done))
    else:
        print_lines(*_sentences(done))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Done:
    """What a withdrawal came to."""

    withdrawal: Withdrawal
    pages: int  # documents that were deleted
    before: Tombstone | None  # of an earlier withdrawal


def _withdraw(settings: Settings, reference: str, reason: str) -> _Done:
    raw = raw_store(settings)
    with existing_engine(settings) as engine, archive_lock(engine, "withdrawal"):
        with write_transaction(engine) as connection:
            story_id = find_story(connection, reference, url_key_of(reference))
            before = tombstone_of(connection, story_id)
            done = withdraw_story(connection, story_id, reason, utc_now())
        # After the commit, or a failed one would leave rows without their bytes; in a turn of the writer, so that no
        # other names them meanwhile. Where this is cut off, the same command again finishes it.
        with write_transaction(engine) as connection:
            doomed = [digest for digest in unnamed(connection, done.pages) if raw.has(digest)]
            for digest in doomed:
                raw.delete(digest)
    return _Done(withdrawal=done, pages=len(doomed), before=before)


def _json(done: _Done) -> dict[str, Any]:
    return {
        "withdrawn": list(done.withdrawal.story_ids),
        "withdrawn_before": iso(done.before.withdrawn_at) if done.before else None,
        "versions_deleted": done.withdrawal.versions,
        "pages_deleted": done.pages,
        "documents_that_stay": list(done.withdrawal.documents),
    }


def _sentences(outcome: _Done) -> list[str]:
    done, before = outcome.withdrawal, outcome.before
    names = ", ".join(str(story_id) for story_id in done.story_ids)
    deleted = f"Deleted: {counted(done.versions, 'version')} with labels, {counted(outcome.pages, 'stored document')}."
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
    return [*lines, "Copies outside the archive (exports, backups, a copy made before a migration) are not touched."]
