"""A takedown as a whole: the rows, the stored pages, and what deleted rows leave in the database's files.

What was withdrawn is also written into a file beside the archive, without its words: a backup taken before still holds
them, and the archive that is made of it withdraws them again.
"""

import fcntl
import json
import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Final

from msgspec import Struct
from sqlalchemy import Engine

from flows.exports.safe_json import json_text
from flows.runs.locks import archive_lock, run_lock
from models.acts import Act, ActKind, Hand
from models.archive.acts import record_act
from models.archive.ledger.documents import unnamed
from models.archive.texts.search_queue import rows_shown
from models.archive.withdrawals import Withdrawal, uids_of, unwithdrawn_story, withdraw_story
from models.errors import DiskFailed, LockHeld, StorageError
from models.overwriting import overwrite_deleted
from models.queries.one_story import Tombstone, tombstone_of
from models.storage.database import read_transaction, write_transaction
from models.storage.raw_store import RawStore

LIST: Final = "withdrawn.jsonl"  # in the data folder


class TakedownScope(Struct, frozen=True, kw_only=True):
    """What a takedown works on."""

    engine: Engine
    raw: RawStore
    home: Path


class TakenDown(Struct, frozen=True, kw_only=True):
    """What a takedown came to."""

    withdrawal: Withdrawal
    pages: int  # documents that were deleted
    before: Tombstone | None  # of an earlier withdrawal


class Done(Struct, frozen=True, kw_only=True):
    """What a withdrawal by hand came to."""

    taken: TakenDown
    left: str | None  # why the free space could not be overwritten


def withdraw_by_hand(archive: TakedownScope, story_id: int, reason: str, hand: Hand, now: datetime) -> Done:
    """Take a story down, and overwrite what its rows leave.

    Raise LockHeld while the archive is restored or migrated.
    """
    with archive_lock(archive.engine, "withdrawal"):
        taken = take_down(archive, story_id, reason, now, hand)
        return Done(taken=taken, left=overwrite(archive))


def take_down(archive: TakedownScope, story_id: int, reason: str, now: datetime, hand: Hand | None = None) -> TakenDown:
    """Take a story's words out of the rows and the store, and remember it; by a hand, that too.

    The caller holds the archive's lock. Raise DiskFailed, with nothing done, where it cannot be remembered.
    """
    _require_list(archive.home / LIST)
    with write_transaction(archive.engine) as connection:
        before = tombstone_of(connection, story_id)
        done = withdraw_story(connection, story_id, reason, now)
        uids = uids_of(connection, done.story_ids)
        if hand is not None:
            record_act(connection, Act(hand=hand, kind=ActKind.WITHDREW, story_id=story_id, detail=reason), now)
    _remember(archive.home / LIST, [{"uid": uid, "reason": reason, "withdrawn_at": now.isoformat()} for uid in uids])
    # After the commit, or a failed one would leave rows without their bytes; in a turn of the writer, so that no other
    # names them meanwhile. Where this is cut off, the same command again finishes it.
    with write_transaction(archive.engine) as connection:
        doomed = [digest for digest in unnamed(connection, done.pages) if archive.raw.has(digest)]
        for digest in doomed:
            archive.raw.delete(digest)
    return TakenDown(withdrawal=done, pages=len(doomed), before=before)


def take_down_again(archive: TakedownScope, now: datetime) -> int:
    """Withdraw the stories of the list that an older backup brought back; return how many there were."""
    count = 0
    for uid, reason in _remembered(archive.home / LIST):
        with read_transaction(archive.engine) as connection:
            story_id = unwithdrawn_story(connection, uid)
        if story_id is not None:
            take_down(archive, story_id, reason, now)
            count += 1
    if count:
        overwrite_deleted(archive.engine, rows_shown)
    return count


def overwrite(archive: TakedownScope) -> str | None:
    """Overwrite what deleted rows left in the database's files; return why not where that cannot be now.

    Copies of the database that were made before a migration go: they hold what was withdrawn.
    """
    try:
        with run_lock(archive.engine, "a look whether a night is at work"):
            pass  # not held: a night that begins now waits for the writer, and is not skipped
        overwrite_deleted(archive.engine, rows_shown)
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


def _require_list(file: Path) -> None:
    """Raise DiskFailed where nothing can be written into the list."""
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.open("a").close()
    except OSError as error:
        raise DiskFailed(f"{file} cannot be written, so that nothing was withdrawn: {error.strerror}.") from error


def _remember(file: Path, rows: list[dict[str, str]]) -> None:
    with file.open("a+", encoding="utf-8", errors="replace") as out:
        fcntl.flock(out, fcntl.LOCK_EX)  # somebody else may withdraw the same story at this moment
        out.seek(0)
        written = out.read()
        known = {uid for uid, _ in _read(written.splitlines())}
        out.write("" if written.endswith("\n") or not written else "\n")  # behind a line that was cut off
        out.writelines(json_text(row) + "\n" for row in rows if row["uid"] not in known)
        out.flush()
        os.fsync(out.fileno())


def _remembered(file: Path) -> Iterator[tuple[str, str]]:
    return _read(file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else ())


def _read(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Give uid and reason of each line; one that was cut off or altered is passed over."""
    for line in lines:
        try:
            row = json.loads(line)
            yield str(row["uid"]), str(row.get("reason", ""))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
            continue
