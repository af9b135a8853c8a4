"""`prune` gives up what nothing needs, and nothing else."""

import os
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import Engine

from flows.runs.locks import archive_lock
from models.archive.ledger.runs import RequestOwner, record_requests
from models.stages import Request
from models.storage.database import write_transaction
from tests.flows.cli.conftest import Command
from tests.models.backup.conftest import Place
from tests.nights import counts


@pytest.fixture
def littered(full: Command, engine: Engine, home: Path) -> Place:
    """Give an archive with an old request, old and young documents that nothing names, one named, and old files."""
    place = Place(home, engine)
    long_ago = datetime.now(UTC) - timedelta(days=91)
    with write_transaction(engine) as connection:
        request = Request(url="https://one.example/x", attempt=1, started_at=long_ago, elapsed_ms=1)
        record_requests(connection, RequestOwner(run_id=1), [request])
    named, old = place.keep(b"named"), place.raw.put(b"old left-over")
    place.raw.put(b"young left-over")
    (home / "tmp" / "old.zst").write_text("half")
    (home / "tmp" / "young.zst").write_text("")
    aged = [home / "raw" / digest[:2] / f"{digest}.zst" for digest in (named, old)]
    for path in (*aged, home / "tmp" / "old.zst"):
        os.utime(path, (0, 0))
    return place


def test_only_what_is_old_and_unneeded_goes(full: Command, littered: Place) -> None:
    """A dry run counts the same and deletes nothing; a second run finds nothing left."""
    size = sum(littered.raw.size_bytes(digest) for digest in (sha256(b"old left-over").hexdigest(),)) + len("half")
    found = {"fetches": 1, "documents": 1, "temp_files": 1, "freed_bytes": size, "prefect_bytes": 0}
    before = counts(littered.engine)
    assert full("prune", "--dry-run", "--json").document == {"dry_run": True} | found
    assert counts(littered.engine) == before
    assert len(list(littered.raw.digests())) == 3
    assert full("prune", "--json").document == {"dry_run": False} | found
    assert counts(littered.engine) == before | {"fetches": 0}
    assert len(list(littered.raw.digests())) == 2
    assert [path.name for path in (littered.home / "tmp").iterdir()] == ["young.zst"]
    assert (
        full("prune").out
        == "Gone: 0 rows of fetches, 0 documents, 0 left-over files, 0 bytes; 0 bytes of Prefect's history.\n"
    )
    assert full("verify").code == 0


def test_it_waits_for_nobody(full: Command, littered: Place) -> None:
    """While the archive is held alone it ends with exit 1, and deletes nothing."""
    with archive_lock(littered.engine, "restore", exclusive=True):
        answer = full("prune")
    assert (answer.code, answer.out) == (1, "")
    assert len(list(littered.raw.digests())) == 3
