"""The commands that tell what came in and what changed since."""

import csv
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from models.archive.withdrawals import withdraw_story
from models.storage.database import write_transaction
from tests.builders import NOON, Archive, Piece
from tests.flows.steps.test_copies import article
from tests.models.queries.test_copies import find
from tests.models.queries.test_corrections import tell

Command = Callable[..., Any]


def lines(answer: Any) -> list[dict[str, Any]]:
    """Read an export of changes."""
    assert answer.code == 0, answer.err
    return [json.loads(line) for line in answer.out.splitlines()]


def test_new_lists_what_a_run_brought(full: Command) -> None:
    """The latest run brought a revision and nothing new; the one before it three stories."""
    assert full("new").err == "Nothing new of run 2.\n"
    answer = full("new", "--run", 1)
    assert answer.err == "3 new stories of run 1.\n"
    assert answer.out.splitlines()[-1] == "1\t2026-07-14 12:00\t1\tSea level rises\tone, two\tscience"
    assert [row["id"] for row in full("new", "--since", "2026-07-14", "--topic", "energy", "--json").document] == [3, 2]
    assert (
        full("new", "--since", "2026-07-14", "--limit", 1).err == "The latest 1 of 3 new stories; --limit shows more.\n"
    )
    assert full("new", "--since", "2026-07-15", "--by", "published", "--json").document == []


def test_an_export_of_changes_goes_on_behind_its_cursor(full: Command, engine: Engine) -> None:
    """First everything, then only what came since; a takedown is a tombstone that holds no word of the story."""
    first = full("export", "--changed-since", "2026-01-01")
    assert [(row["id"], row["change"]["standing"]) for row in lines(first)] == [(2, "new"), (3, "new"), (1, "new")]
    cursor = lines(first)[-1]["change"]["cursor"]
    assert first.err == f"3 stories have changed. Next time: --changed-since {cursor}\n"
    assert lines(full("export", "--changed-since", cursor)) == []
    assert lines(full("export", "--changed-since", "latest")) == []
    (revised,) = lines(full("export", "--changed-since", 1))
    assert (revised["text"][:20], revised["change"]["kinds"]) == ("The sea level falls.", ["text"])
    with write_transaction(engine) as connection:
        withdraw_story(connection, 1, "its author asked", NOON)
    (gone,) = lines(full("export", "--changed-since", cursor))
    assert set(gone) == {"id", "uid", "change"}
    assert (gone["change"]["standing"], gone["change"]["reason"]) == ("withdrawn", "its author asked")
    assert full("export", "--changed-since", gone["change"]["cursor"]).out == ""


def test_changes_are_a_table_too(full: Command, tmp_path: Path) -> None:
    """The same rows in the same order, in a file that its ending says is one."""
    answer = full("export", "--changed-since", 1, "-o", tmp_path / "changes.csv")
    assert answer.err.startswith(f"1 story has changed, written to {tmp_path}")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "changes.csv").read_text("utf-8-sig")))
    assert (row["standing"], row["kinds"], row["changed_by_run"], row["id"]) == ("changed", "text", "2", "1")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(["99"], 4, id="no such run"),
        pytest.param(["c3-00000000"], 4, id="a cursor of another archive"),
        pytest.param(["yesterday"], 2, id="no word that we know"),
        pytest.param(["1", "--include-off-topic"], 2, id="entries that are not logged"),
        pytest.param(["1", "--unique"], 2, id="a choice that hangs on other stories"),
    ],
)
def test_what_is_no_beginning_is_refused(full: Command, arguments: list[str], code: int) -> None:
    """With a sentence, and nothing written."""
    answer = full("export", "--changed-since", *arguments)
    assert (answer.code, answer.out) == (code, "")
    assert answer.err


@pytest.fixture
def copied(full: Command, engine: Engine) -> Command:
    """Give a way to call the command on an archive in which two outlets print one text of an agency."""
    words = " ".join(article(1))
    pieces = [
        Piece(guid="a", url="https://one.example/a", title="Agency", text=f"PARIS (AFP) - {words}", published_at=NOON),
        Piece(guid="b", url="https://one.example/b", title="Print", text=words, published_at=NOON + timedelta(hours=1)),
    ]
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.now = NOON + timedelta(days=1)
        archive.night(archive.feed("one"), pieces[0])
        archive.night(archive.feed("two"), pieces[1])
        find(archive)
    return full


def test_copies_are_told_as_a_tree(copied: Command) -> None:
    """With times, agency and shares; the cluster is named in searches and exports."""
    tree = copied("show", 6).out.split("Copies of one text, the first publisher above: 2\n")[1].splitlines()
    assert tree[0] == "  2026-07-14 12:00  5  One (AFP): Agency"
    assert tree[1].startswith("    2026-07-14 13:00  6  Two: Print  [kept ")
    told = copied("show", 6, "--json").document
    assert (told["cluster_id"], told["agency"], told["related"]) == (5, None, [])
    assert [(one["id"], one["depth"], one["agency"]) for one in told["copies"]] == [(5, 0, "AFP"), (6, 1, None)]
    assert copied("show", 1, "--json").document["copies"] == []
    exported = [json.loads(line) for line in copied("export").out.splitlines()]
    assert [(one["id"], one["cluster_id"]) for one in exported][-2:] == [(5, 5), (6, 5)]


def test_the_table_of_clusters_says_who_copied_whom(copied: Command, tmp_path: Path) -> None:
    """As `show` does: the agency, the story that a copy is most like, and the shares."""
    parquet = pytest.importorskip("pyarrow.parquet", reason="the extra [parquet] is not installed")
    assert copied("export", "--tables", "-o", tmp_path / "tables").code == 0
    rows = {row["story_id"]: row for row in parquet.read_table(tmp_path / "tables" / "clusters.parquet").to_pylist()}
    first, copy = copied("show", 6, "--json").document["copies"]
    names = ("agency", "copied_from", "jaccard", "kept", "changed", "cut", "added")
    assert (first["agency"], copy["copied_from"]) == ("AFP", 5)
    for told in (first, copy):
        row = rows[told["id"]]
        assert row["cluster_id"] == 5
        assert [row[name] for name in names] == pytest.approx([told[name] for name in names], abs=0.001)
    assert (rows[1]["cluster_id"], rows[1]["copied_from"]) == (1, None)


def test_one_of_a_cluster_is_enough(copied: Command) -> None:
    """The first, or of those that meet the filter the first; of a search the one that ranks first."""
    assert len(copied("search", "harbour", "--json").document) == 2
    assert len(copied("search", "harbour", "--unique", "--json").document) == 1
    assert copied("search", "--unique", "--limit", 1).err == "The first 1 of 4 stories; --limit shows more.\n"
    assert [json.loads(line)["id"] for line in copied("export", "--unique").out.splitlines()] == [1, 2, 3, 5]
    only = [json.loads(line)["id"] for line in copied("export", "--unique", "--feed", "two").out.splitlines()]
    assert only == [1, 3, 6]


def test_corrections_are_listed(full: Command, engine: Engine) -> None:
    """With the sentence before and after."""
    with write_transaction(engine) as connection:
        tell(Archive(connection))
    answer = full("corrected")
    assert answer.err == "3 corrections.\n" or "correction" in answer.err
    assert "  - The sea level rises, and the coast with its towns must move." in answer.out
    assert full("corrected", "--kind", "number", "--json").document == []
    assert full("corrected", "--kind", "rumour").code == 2
    told = full("corrected", "--since", "2026-07-14", "--json").document
    assert {"kind", "before", "after", "unit", "sentence_before", "sentence_after", "story"} <= set(told[0])
