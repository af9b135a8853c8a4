"""The `withdraw` command: a takedown."""

from typing import Any

import click

from config.settings import Settings, load_settings
from flows.cli._options import json_option
from flows.cli._session import existing_engine, raw_store
from flows.cli._terminal import print_json, print_lines
from flows.cli.show import url_key_of
from flows.night.desk import utc_now
from flows.night.lock import archive_lock
from models.archive.documents import unnamed
from models.archive.withdrawals import Withdrawal, withdraw_story
from models.database import writing
from models.queries.one_story import find_story


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
    done, pages = _withdraw(load_settings(), story_id, reason.strip())
    if as_json:
        print_json(_json(done, pages))
    else:
        print_lines(*_sentences(done, pages))


def _withdraw(settings: Settings, reference: str, reason: str) -> tuple[Withdrawal, int]:
    """Return what was done, and how many page documents were deleted."""
    raw = raw_store(settings)
    with existing_engine(settings) as engine, archive_lock(engine, "withdrawal"):
        with writing(engine) as connection:
            story_id = find_story(connection, reference, url_key_of(reference))
            done = withdraw_story(connection, story_id, reason, utc_now())
        # After the commit, or a failed one would leave rows without their bytes; in a turn of the writer, so that no
        # other names them meanwhile. Where this is cut off, the same command again finishes it.
        with writing(engine) as connection:
            doomed = [digest for digest in unnamed(connection, done.pages) if raw.has(digest)]
            for digest in doomed:
                raw.delete(digest)
    return done, len(doomed)


def _json(done: Withdrawal, pages: int) -> dict[str, Any]:
    return {
        "withdrawn": list(done.story_ids),
        "versions_deleted": done.versions,
        "pages_deleted": pages,
        "documents_that_stay": list(done.documents),
    }


def _sentences(done: Withdrawal, pages: int) -> list[str]:
    names = ", ".join(str(story_id) for story_id in done.story_ids)
    lines = [f"Withdrawn: story {names}. Deleted: {done.versions} versions with their labels, {pages} stored pages."]
    if done.documents:
        lines.append(
            f"Still in the raw store: {len(done.documents)} documents of its feeds, which hold other stories too and "
            "its entry among them:"
        )
        lines += [f"  {digest}" for digest in done.documents]
    return [*lines, "Copies outside the archive (exports, backups, a copy made before a migration) are not touched."]
