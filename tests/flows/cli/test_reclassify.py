"""`reclassify` labels what is kept again, all at once or not at all; `label` keeps what a person says."""

import getpass
import json
from collections.abc import Callable
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, func, select

from config.settings import PREFIX
from config.topics import load_topics
from flows.steps.vectors import encoder_version
from models.archive.ledger.feeds import sync_topics
from models.learnt import UNREAD
from models.stages import Relevance
from models.storage.database import read_transaction, write_transaction
from models.tables.labels import ClassificationRow
from models.tables.stories import Story
from tests.builders import Archive, Piece
from tests.flows.cli.conftest import Command

RIGHT = Piece(title="Wind farm opens", text="Its wind turbines cut emissions.", topics=("clean-energy",))
WRONG = Piece(
    title="Coal mine closes", text="The coal mine is shut.", url="https://one.example/coal", topics=("health",)
)
TURNED_AWAY = Piece(
    title="Climate change speeds up", text="Global warming.", url="https://two.example/x", is_relevant=False
)


@pytest.fixture
def kept(command: Command, engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Give the command on an archive of three stories: one labelled well, one badly, one turned away wrongly."""
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", engine.url.render_as_string(hide_password=False))
    with write_transaction(engine) as connection:
        sync_topics(connection, load_topics())
        archive = Archive(connection)
        one, two = archive.feed("one"), archive.feed("two", relevance=Relevance.GATE)
        run_id = archive.begin()
        archive.show(run_id, one, RIGHT, WRONG)
        archive.show(run_id, two, TURNED_AWAY)
        archive.end(run_id)
    return command


def topics_by_title(command: Command) -> dict[str, list[str]]:
    """Return the first topic of every story that a search shows."""
    lines = command("export", "--format", "jsonl").out.splitlines()
    stories = [json.loads(line) for line in lines]
    return {story["title"]: [topic["id"] for topic in story["topics"]] for story in stories}


def labels_kept(engine: Engine) -> int:
    """Count all judgements, current or not."""
    with read_transaction(engine) as connection:
        return connection.scalar(select(func.count()).select_from(ClassificationRow)) or 0


def test_a_dry_run_tells_the_churn_and_keeps_nothing(kept, engine):
    """By topic, with the worst examples."""
    before = labels_kept(engine)
    answer = kept("reclassify", "--dry-run", "--json")
    report = answer.document
    assert (answer.code, labels_kept(engine)) == (0, before)
    assert (report["stories"], report["switched"], report["admitted"]) == (3, False, 1)
    assert report["topics"]["health"] == {"before": 1, "came": 0, "left": 1}
    assert {one["title"] for one in report["worst"]} >= {"Coal mine closes"}


def test_much_churn_needs_a_yes_and_work_done_is_not_done_again(kept, engine):
    """The old labels stay current until then; the new ones wait beside them."""
    refused = kept("reclassify")
    assert refused.code == 1
    assert "--yes" in refused.err
    assert topics_by_title(kept)["Coal mine closes"] == ["health"]
    written = labels_kept(engine)
    done = kept("reclassify", "--yes")
    assert (done.code, labels_kept(engine)) == (0, written)
    assert topics_by_title(kept)["Coal mine closes"][0] == "fossil-fuels"


def test_a_story_turned_away_is_admitted_and_found(kept):
    """And the ledger still adds up."""
    assert "Climate change speeds up" not in topics_by_title(kept)
    assert kept("reclassify", "--yes").code == 0
    assert "Climate change speeds up" in topics_by_title(kept)
    assert "Climate change speeds up" in kept("search", "warming").out
    assert kept("runs", "check").code == 0


def test_a_second_time_changes_nothing(kept, engine):
    """The labels are today's already."""
    kept("reclassify", "--yes")
    written = labels_kept(engine)
    answer = kept("reclassify", "--json")
    assert (answer.code, answer.document["first_topic_changed"], labels_kept(engine)) == (0, 0, written)


def test_it_can_be_narrowed_to_a_topic_and_a_time(kept):
    """Other stories keep their labels."""
    assert kept("reclassify", "--dry-run", "--json", "--topic", "health").document["stories"] == 1
    assert kept("reclassify", "--dry-run", "--json", "--since", "2199-01-01").document["stories"] == 0
    unknown = kept("reclassify", "--topic", "nosuch")
    assert (unknown.code, "There is no topic 'nosuch'" in unknown.err) == (2, True)


def test_labels_by_hand_are_kept_and_exported_as_gold(kept, tmp_path, engine):
    """No run overwrites them, and `evaluate topics` reads them."""
    with read_transaction(engine) as connection:
        coal = connection.scalar(select(Story.id).where(Story.title == "Coal mine closes"))
    assert kept("label", coal, "justice-activism", "fossil-fuels").code == 0
    assert kept("reclassify", "--yes").code == 0
    assert topics_by_title(kept)["Coal mine closes"] == ["justice-activism", "fossil-fuels"]
    (act,) = kept("runs", "acts", "--json").document
    assert (act["name"], act["via"], act["kind"], act["story_id"], act["detail"]) == (
        *(getpass.getuser(), "command", "labelled", coal),
        "justice-activism, fossil-fuels",
    )
    lines = [json.loads(line) for line in kept("export").out.splitlines()]
    assert {line["id"] == coal: line["labelled_by"] for line in lines} == {True: "hand", False: "auto"}
    assert "justice-activism 1.00, fossil-fuels 1.00 (by hand)\n" in kept("show", coal).out
    assert kept("show", coal, "--explain", "--json").document["evidence"]["origin"] == "hand"
    exported = kept("label", "--export").out
    (gold,) = [json.loads(line) for line in exported.splitlines()]
    assert (gold["primary"], gold["climate_relevant"]) == ("justice-activism", True)
    path = tmp_path / "gold.jsonl"
    path.write_text(exported)
    measured = kept("evaluate", "topics", path, "--json")
    assert measured.document["labelled"] == 1


def seen_ids(kept: Callable[..., Any], *arguments: str) -> tuple[set[int], set[int], set[int]]:
    """List the stories that a search, a list and an export show."""
    searched = {row["id"] for row in kept("search", "the", "--json", *arguments).document}
    listed = {row["id"] for row in kept("search", "--json", *arguments).document}
    exported = {json.loads(line)["id"] for line in kept("export", *arguments).out.splitlines()}
    return searched, listed, exported


def test_a_story_said_to_be_off_topic_is_hidden_everywhere_at_once(kept, engine):
    """No feed that shows it again and no revision brings it back; a label does, and the ledger adds up all along."""
    with read_transaction(engine) as connection:
        coal = connection.scalar(select(Story.id).where(Story.title == "Coal mine closes"))
    before = seen_ids(kept)
    assert all(coal in seen for seen in before)
    assert "hidden" in kept("label", coal, "--off-topic").out
    assert seen_ids(kept) == tuple(seen - {coal} for seen in before)
    assert all(coal in seen for seen in seen_ids(kept, "--include-off-topic")[1:])
    assert json.loads(kept("label", "--export").out)["climate_relevant"] is False
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        for text in (WRONG.text, "The coal mine is shut, and the pumps with it."):
            archive.night(archive.feed("one"), replace(WRONG, text=text))
    assert kept("reclassify", "--yes", "--topic", "fossil-fuels").code == 0
    assert seen_ids(kept) == tuple(seen - {coal} for seen in before)
    assert kept("runs", "check").code == 0
    assert kept("label", coal, "fossil-fuels").code == 0
    assert all(coal in seen for seen in seen_ids(kept))
    assert coal in {row["id"] for row in kept("search", "pumps", "--topic", "fossil-fuels", "--json").document}
    assert kept("runs", "check").code == 0


def test_a_persons_no_stands_against_a_feed_that_vouches(kept, engine):
    """What the gate turned away and a person too is admitted by nobody else."""
    found = json.loads(kept("export", "--include-off-topic").out.splitlines()[-1])
    assert found["off_topic"]
    assert kept("label", found["id"], "--off-topic").code == 0
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed("one"), Piece(title=found["title"], text=found["text"], url=found["url"]))
    assert all(found["id"] not in seen for seen in seen_ids(kept))
    assert kept("runs", "check").code == 0


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        pytest.param(("label", "1"), 2, id="no topic"),
        pytest.param(("label", "1", "weather-wonders"), 2, id="an unknown topic"),
        pytest.param(("label", "1", "science", "--off-topic"), 2, id="topics and none"),
        pytest.param(("label", "1", "science", "energy", "policy", "health"), 2, id="four topics"),
        pytest.param(("label",), 2, id="no story"),
        pytest.param(("label", "999", "science"), 4, id="no such story"),
    ],
)
def test_a_label_that_cannot_be_given_is_refused(kept, arguments, code):
    """With the exit code of the contracts."""
    assert kept(*arguments).code == code


def test_a_story_turned_away_is_shown_once_a_person_gave_it_topics(kept):
    """And the ledger still adds up."""
    found = json.loads(kept("export", "--format", "jsonl", "--include-off-topic").out.splitlines()[-1])
    assert kept("label", found["id"], "science").code == 0
    assert found["title"] in topics_by_title(kept)
    assert kept("runs", "check").code == 0


def test_neither_a_revision_nor_reprocessing_takes_a_label_by_hand(kept, engine):
    """The story's text is today's, its topics are the person's."""
    with read_transaction(engine) as connection:
        coal = connection.scalar(select(Story.id).where(Story.title == "Coal mine closes"))
    kept("label", coal, "justice-activism")
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one = archive.feed("one")
        run_id = archive.begin()
        archive.show(run_id, one, replace(WRONG, text="The coal mine is shut, and the pumps with it."))
        archive.end(run_id)
    assert kept("reprocess").code == 0
    story = kept("show", coal, "--json").document
    assert story["text"].endswith("the pumps with it.")
    assert [(topic["id"], topic["score"]) for topic in story["topics"]] == [("justice-activism", 1.0)]


def put_unread(engine: Engine) -> None:
    """Keep a story that the first reader labelled, and turned away, before the second had a look."""
    unread = replace(
        TURNED_AWAY, title="Climate change: greenhouse gas emissions must fall", classifier_version=f"old{UNREAD}"
    )
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.feed("one")
        run_id = archive.begin()
        archive.show(
            run_id, archive.feed("two", relevance=Relevance.GATE), replace(unread, url="https://two.example/y")
        )
        archive.end(run_id)


def test_what_waits_is_counted_and_can_be_narrowed_by_nothing(kept, engine):
    """`health` names the command, a dry run reads nothing."""
    put_unread(engine)
    assert (
        kept("health", "--json").document["waiting"]
        == kept("reclassify", "--waiting", "--dry-run", "--json").document["waiting"]
        > 0
    )
    assert "left 3 for later" in kept("reclassify", "--waiting", "--dry-run").out
    assert kept("reclassify", "--waiting", "--topic", "health").code == 2
    assert kept("reclassify", "--waiting", "--since", "2026-01-01").code == 2


@pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")
def test_what_waits_is_read_at_once(kept, engine, monkeypatch):
    """All of it, whatever the share of a night's time; labels that wait for nothing stay."""
    put_unread(engine)
    monkeypatch.setenv(f"{PREFIX}MEANING__SHARE", "0")
    assert "`climate-archive reclassify --waiting`" in kept("health").out
    answer = kept("reclassify", "--waiting", "--json")
    assert (answer.code, answer.document) == (0, {"read": 3, "admitted": 1, "failed": 0, "waiting": 0})
    assert "Climate change: greenhouse gas emissions must fall" in topics_by_title(kept)
    assert topics_by_title(kept)["Coal mine closes"] == ["health"]
    assert kept("runs", "check").code == 0
    assert "reclassify --waiting" not in kept("health").out
    assert kept("reclassify", "--waiting").out == "No story waits for the second reader.\n"
    assert kept("runs", "list", "--json").document[0]["mode"] == "reclassify"


def test_without_the_encoder_nobody_reads(kept, engine, monkeypatch):
    """And `health` does not promise it."""
    put_unread(engine)
    monkeypatch.setattr("flows.upkeep.reclassify.encoder_version", lambda: None)
    monkeypatch.setattr("flows.cli.upkeep.health.encoder_version", lambda: None)
    answer = kept("reclassify", "--waiting")
    assert (answer.code, "extra [meaning] is not installed" in answer.err) == (2, True)
    assert "reclassify --waiting" not in kept("health").out
