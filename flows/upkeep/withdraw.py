"""A takedown as a whole: the rows, the stored pages, and what deleted rows leave in the database's files.

What was withdrawn is also written into a file beside the archive, without its words: a backup taken before still holds
them, and the archive that is made of it withdraws them again.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from sqlalchemy import Engine

from flows.exports.safe_json import json_text
from flows.runs.locks import run_lock
from models.archive.documents import unnamed
from models.archive.withdrawals import Withdrawal, uids_of, unwithdrawn_story, withdraw_story
from models.database import read_transaction, write_transaction
from models.errors import LockHeld, StorageError
from models.overwriting import overwrite_deleted
from models.raw_store import RawStore

LIST: Final = "withdrawn.jsonl"  # in the data folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Archive:
    """What a takedown works on."""

    engine: Engine
    raw: RawStore
    home: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenDown:
    """What a takedown came to."""

    withdrawal: Withdrawal
    pages: int  # documents that were deleted


def take_down(archive: Archive, story_id: int, reason: str, now: datetime) -> TakenDown:
    """Take a story's words out of the rows and the store, and remember it. The caller holds the archive's lock."""
    with write_transaction(archive.engine) as connection:
        done = withdraw_story(connection, story_id, reason, now)
        uids = uids_of(connection, done.story_ids)
    _remember(archive.home / LIST, [{"uid": uid, "reason": reason, "withdrawn_at": now.isoformat()} for uid in uids])
    # After the commit, or a failed one would leave rows without their bytes; in a turn of the writer, so that no other
    # names them meanwhile. Where this is cut off, the same command again finishes it.
    with write_transaction(archive.engine) as connection:
        doomed = [digest for digest in unnamed(connection, done.pages) if archive.raw.has(digest)]
        for digest in doomed:
            archive.raw.delete(digest)
    return TakenDown(withdrawal=done, pages=len(doomed))


def take_down_again(archive: Archive, now: datetime) -> int:
    """Withdraw the stories of the list that an older backup brought back; return how many there were."""
    count = 0
    for uid, reason in _remembered(archive.home / LIST):
        with read_transaction(archive.engine) as connection:
            story_id = unwithdrawn_story(connection, uid)
        if story_id is not None:
            take_down(archive, story_id, reason, now)
            count += 1
    if count:
        overwrite_deleted(archive.engine)
    return count


def overwrite(archive: Archive) -> str | None:
    """Overwrite what deleted rows left in the database's files; return why not where that cannot be now.

    Copies of the database that were made before a migration go: they hold what was withdrawn.
    """
    try:
        with run_lock(archive.engine, "a look whether a night is at work"):
            pass  # not held: a night that begins now waits for the writer, and is not skipped
        overwrite_deleted(archive.engine)
    except LockHeld:
        return "a night is at work, and would wait too long"
    except StorageError as error:
        return str(error)
    for copy in _migration_copies(archive.engine):
        copy.unlink(missing_ok=True)
    return None


def _migration_copies(engine: Engine) -> list[Path]:
    if engine.dialect.name != "sqlite" or engine.url.database is None:
        return []
    file = Path(engine.url.database)
    return sorted(file.parent.glob(f"{file.name}.before-*"))


def _remember(file: Path, rows: list[dict[str, str]]) -> None:
    known = {uid for uid, _ in _remembered(file)}
    with file.open("a", encoding="utf-8") as out:
        out.writelines(json_text(row) + "\n" for row in rows if row["uid"] not in known)
        out.flush()
        os.fsync(out.fileno())


def _remembered(file: Path) -> Iterator[tuple[str, str]]:
    """Give uid and reason of each line; one that was cut off or altered is passed over."""
    for line in file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else ():
        try:
            row = json.loads(line)
            yield str(row["uid"]), str(row.get("reason", ""))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
