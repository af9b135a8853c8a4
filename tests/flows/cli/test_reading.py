"""The commands that read, on both databases."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from config.settings import PREFIX
from models.archive.ledger.runs import NewRun, start_run
from models.storage.database import write_transaction
from models.tables.counts import StoryCount
from models.tables.keys import table_of
from models.tables.runs import FeedRun
from models.tables.stories import Story
from tests.builders import NOON, Archive, Piece

Command = Callable[..., Any]
ACTING = {chr(code) for code in (*range(32), *range(0x7F, 0xA0), 0x202E)} - {"\n", "\t"}


def test_search_prints_what_was_found(full: Command) -> None:
    """A result has its id, title, day, feeds, topics, address and the words that were asked for."""
    answer = full("search", "sea", "level")
    assert answer.code == 0
    assert answer.out.splitlines()[:3] == [
        "1  Sea level rises",
        "2026-07-14 12:00 · one, two · science",
        "https://one.example/sea",
    ]
    assert "The sea level falls." in answer.out


def test_search_tells_how_many_there_are(full: Command) -> None:
    """The total is said, also where the page is full."""
    assert full("search", "--limit", 1).err == "The first 1 of 3 stories; --limit shows more.\n"
    assert full("search", "--limit", 3).err == "3 stories.\n"
    assert full("search", "seas", "--limit", 1).err == "1 story.\n"


def test_topics_are_any_of_those_named(full: Command) -> None:
    """--topic repeats as --feed does."""
    assert [row["id"] for row in full("search", "--topic", "science", "--topic", "policy", "--json").document] == [2, 1]
    assert len(full("export", "--topic", "science", "--topic", "energy").out.splitlines()) == 3


def test_a_language_is_meant_with_its_regions(full: Command, engine: Engine) -> None:
    """--language repeats too, in whatever letters; searches, lists and exports are narrowed by it."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        there = {"pt-BR": "O mar sobe", "de": "Das Meer steigt"}
        pieces = [Piece(title=title, url=f"https://one.example/{tag}", language=tag) for tag, title in there.items()]
        archive.night(archive.feed("one"), *pieces)
    assert [row["title"] for row in full("search", "--language", "PT", "--json").document] == ["O mar sobe"]
    assert [row["title"] for row in full("search", "meer", "--language", "de", "--json").document] == [there["de"]]
    assert full("search", "meer", "--language", "pt", "--json").document == []
    exported = full("export", "--language", "pt-br", "--language", "de").out.splitlines()
    assert [json.loads(line)["title"] for line in exported] == list(there.values())


def test_search_as_json_has_the_contract_names(full: Command) -> None:
    """One document on stdout, nothing on stderr."""
    answer = full("search", "sea", "--json")
    (row,) = answer.document
    assert {"id", "uid", "title", "url", "published_at", "snippet"} <= set(row)
    assert (row["id"], row["published_at"], row["off_topic"]) == (1, "2026-07-14T12:00:00Z", False)
    assert row["topics"] == [{"id": "science", "score": 0.9, "primary": True}]
    assert answer.err == ""


def test_search_shows_hidden_stories_only_when_asked(full: Command) -> None:
    """What is not about climate is marked so."""
    assert full("search", "ball").out == ""
    assert "off topic" in full("search", "ball", "--include-off-topic").out


@pytest.mark.parametrize("zone", ["UTC", "Asia/Tokyo"])
def test_days_begin_in_the_settings_zone(full: Command, monkeypatch: pytest.MonkeyPatch, zone: str) -> None:
    """Noon UTC is the same day in London and the evening in Tokyo; both days are whole."""
    monkeypatch.setenv(f"{PREFIX}TIMEZONE", zone)
    noon = "2026-07-14T12:00:00+00:00"
    assert len(full("search", "--since", "2026-07-14", "--until", "2026-07-14", "--json").document) == 3
    assert full("search", "--until", "2026-07-13", "--json").document == []
    assert full("search", "--since", "2026-07-15", "--json").document == []
    assert full("search", "--until", noon, "--json").document == []
    assert len(full("search", "--since", noon, "--json").document) == 3
    local = "2026-07-14T12:00" if zone == "UTC" else "2026-07-14T21:00"
    assert len(full("search", "--since", local, "--json").document) == 3


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        pytest.param(["--topic", "scince"], "did you mean science?", id="a topic"),
        pytest.param(["--feed", "nobody"], "known are: one, two", id="a feed"),
        pytest.param(["--language", "tlh"], "known are:", id="a language"),
        pytest.param(["--since", "yesterday"], "such as 2026-07-14", id="a day"),
        pytest.param(["--until", "9999-12-31"], "not within the years 1900 to 2200", id="a day that none follows"),
        pytest.param(["--since", "0001-01-01T00:00+14:00"], "not within the years", id="a moment before all others"),
        pytest.param(["--since", "2026-07-15", "--until", "2026-07-14"], "Nothing can lie between", id="an empty span"),
        pytest.param(["--order", "best"], "newest", id="an order"),
        pytest.param(["--limit", "0"], "0", id="a limit"),
    ],
)
@pytest.mark.parametrize("name", ["search", "export"])
def test_a_name_that_is_unknown_is_a_usage_error(full: Command, name: str, arguments: list[str], hint: str) -> None:
    """Exit 2 and what would be right."""
    answer = full(name, *arguments)
    assert (answer.code, answer.out) == (2, "")
    assert name == "export" or hint in answer.err


def test_a_feed_that_no_run_has_met_is_no_error(full: Command, home: Path) -> None:
    """A feed of feeds.yaml that was never asked has no stories."""
    with (home / "feeds.yaml").open("a") as file:
        file.write('  - {id: three, name: Three, url: "https://three.example/feed"}\n')
    assert full("search", "--feed", "three", "--json").document == []


def test_show_prints_a_story(full: Command) -> None:
    """Facts first, then the text; an uid or an address leads there too."""
    answer = full("show", "1")
    assert answer.code == 0
    assert answer.out.startswith("Sea level rises\n\nstory ")
    assert "feeds      one, two\n" in answer.out
    assert answer.out.endswith("The sea level falls.\n\nThe coast stays where it is, for now.\n")
    assert full("show", "http://www.one.example/sea/?utm_source=x").out == answer.out


def test_show_explains_by_words_weights_and_marks(full: Command) -> None:
    """Each topic has its terms with field, weight and number; the text follows."""
    answer = full("show", "1", "--explain")
    assert "Judged: about climate, relevance 0.90\n" in answer.out
    assert "science (primary)\t0.90\tsea level\ttitle\t2\t1\n" in answer.out
    assert "\t\tsea level\tlead\t2\t1\n" in answer.out
    assert "(about climate)\t0.90" in answer.out
    assert "\n**Sea level** rises\n\nThe **sea level** falls.\n" in answer.out
    assert "no term: its feed or a person says so" in full("show", "3", "--explain").out
    assert "a person should look at it" in full("show", "2", "--explain").out


def test_a_story_without_a_judgement_is_shown_all_the_same(full: Command, engine: Engine) -> None:
    """There is nothing to explain, and the story is there."""
    with write_transaction(engine) as connection:
        connection.execute(update(table_of(Story)).values(classification_id=None))
    assert full("show", "1", "--explain").out.endswith("The coast stays where it is, for now.\n")
    assert full("show", "1", "--explain", "--json").document["evidence"] is None


def test_show_prints_what_revisions_changed(full: Command) -> None:
    """Each version has its reason and the lines that left and came."""
    out = full("show", "1", "--revisions").out
    assert "Version 1: first, 2026-07-14 12:00, by feed one, run 1" in out
    assert "  - The sea level rises, and the coast with its towns must move.\n  + The sea level falls.\n" in out


def test_show_as_json_is_a_story_of_the_export(full: Command) -> None:
    """The export's shape, with versions and evidence where asked."""
    exported = json.loads(full("export").out.splitlines()[0])
    bare = full("show", "1", "--json").document
    assert {name: bare[name] for name in exported} == exported
    assert set(bare) - set(exported) == {"relevant_at", "agency", "copies", "related"}
    whole = full("show", "1", "--json", "--explain", "--revisions").document
    assert [(one["number"], one["reason"], one["feed"]) for one in whole["versions"]] == [
        (1, "first", "one"),
        (2, "revised", "one"),
    ]
    spoken = whole["evidence"]["topics"][0]["evidence"][1]
    assert whole["evidence"]["text"][spoken["start"] : spoken["end"]] == "sea level"


@pytest.mark.parametrize(
    "arguments", [["show", "99"], ["show", "https://x.example/"], ["runs", "show", "99"]], ids=" ".join
)
def test_what_is_not_there_is_told_by_its_exit_code(full: Command, arguments: list[str]) -> None:
    """Exit 4, a sentence, no data."""
    answer = full(*arguments)
    assert (answer.code, answer.out) == (4, "")
    assert "There is no" in answer.err


@pytest.mark.parametrize(
    "arguments",
    [
        ["search"],
        ["search", "methane", "--json"],
        ["show", "2"],
        ["show", "2", "--explain", "--revisions"],
        ["show", "2", "--explain", "--revisions", "--json"],
        ["show", "\x1b[31m\x9b"],
        ["search", "--topic", "\x1b[31m\x9b"],
        ["export", "--format", "jsonl"],
        ["export", "--format", "csv"],
    ],
    ids=" ".join,
)
def test_hostile_words_never_act_on_a_terminal(full: Command, arguments: list[str]) -> None:
    """Escape codes, controls and marks of direction of a title, a text, an author or an argument are not printed."""
    answer = full(*arguments)
    allowed = {"\r"} if "csv" in arguments else set()  # its lines end by it
    assert not (ACTING - allowed) & set(answer.out + answer.err)
    assert "[/bold]" in answer.out or answer.code


def test_topics_are_listed(full: Command) -> None:
    """Those of topics.yaml in their order, then those that only the archive knows, with their stories."""
    rows = full("topics", "list", "--json").document
    counts = {row["id"]: (row["stories"], row["is_active"]) for row in rows}
    assert counts["science"] == (1, True)
    assert counts["health"] == (0, True)
    assert counts["energy"] == (2, True)
    assert [row["id"] for row in rows][-1] == "energy"
    assert "science\t1\t" in full("topics", "list").out


def test_runs_are_listed_and_shown(full: Command) -> None:
    """The newest first; one run feed by feed."""
    rows = full("runs", "list", "--json").document
    assert [row["run_id"] for row in rows] == [2, 1]
    assert {"run_id", "mode", "status", "started_at", "finished_at"} <= set(rows[0])
    assert rows[1]["totals"]["new"] == 3
    assert full("runs", "list").out.splitlines()[2].split("\t")[:3] == ["1", "run", "completed"]
    out = full("runs", "show", "1").out
    assert "two\tok\t3\t1\t0\t0\t1\t1\t0\t" in out
    assert "total\t\t5\t3\t0\t0\t1\t1\t0\t2 feeds" in out
    assert out.endswith("Run 1: completed in 0.0 s\n")


def test_a_run_as_json_has_the_contract_names(full: Command) -> None:
    """Sums, pages, and a row a feed with the same counts."""
    report = full("runs", "show", "latest", "--json").document
    assert {"run_id", "status", "started_at", "finished_at", "totals", "pages", "feeds"} <= set(report)
    counts = {"seen", "new", "updated", "unchanged", "duplicate", "off_topic", "failed"}
    assert set(report["totals"]) == counts
    assert set(report["pages"]) == {"due", "completed", "unchanged", "revised", "refused", "gone", "failed", "left"}
    (row,) = report["feeds"]
    assert {"feed", "status", "reason", "http_status", "attempts"} | counts <= set(row)
    assert (row["feed"], row["updated"]) == ("one", 1)


def test_a_ledger_that_adds_up_is_said_to(full: Command, engine: Engine) -> None:
    """Exit 0; a run at work is not checked, and that is said."""
    with write_transaction(engine) as connection:
        start_run(connection, NewRun(mode="run", started_by="hand", code_version="t"), NOON)
    answer = full("runs", "check")
    assert (answer.code, answer.out) == (0, "")
    assert "Not checked, because it is still at work: run 3." in answer.err
    assert "all of it adds up" in answer.err
    assert full("runs", "check", "--json").document["ok"]


def test_a_ledger_that_does_not_add_up_is_an_error(full: Command, engine: Engine) -> None:
    """Exit 1; each finding names run and feed."""
    rows = table_of(FeedRun)
    with write_transaction(engine) as connection:
        connection.execute(update(rows).where(rows.c.run_id == 1, rows.c.feed_id == "two").values(seen=7))
    answer = full("runs", "check")
    assert answer.code == 1
    assert answer.out.startswith("run 1, feed two: seen 7, but 1 new")
    report = full("runs", "check", "--json")
    assert report.code == 1
    assert [finding["run_id"] for finding in report.document["findings"]] == [1]


def test_counts_stand_beside_all_that_was_published(full: Command) -> None:
    """A line a row, the share of what the feeds published, and how the feeds were watched."""
    answer = full("counts", "--by", "feed")
    assert answer.out.splitlines() == [
        "feed\tstories\tpublished\tshare\tasked\tanswered\tresting\tgaps",
        "two\t2\t3\t66.7%\t1\t1\t0\t0",
        "one\t2\t2\t100.0%\t1\t1\t0\t0",
    ]
    watched = "feeds answered 2 of 2 times that they were asked, each once a day"
    assert answer.err == f"3 stories, 75.0% of 4 that were published; {watched}.\n"


def test_counts_say_where_there_is_nothing_to_count(full: Command) -> None:
    """One story is one, and of days without any nothing is divided by nothing."""
    assert full("counts", "--topic", "science").err.startswith("1 story of science, 25.0% of 4 that were published; ")
    answer = full("counts", "--since", "2027-01-01")
    assert answer.err == "0 stories, and none were published; no feed was asked.\n"


def test_counts_as_json_are_one_document(full: Command) -> None:
    """Each topic named has its own rows."""
    found = full("counts", "--topic", "science", "--topic", "policy", "--by", "day", "--json").document
    coverage = {"asked": 2, "answered": 2, "resting": 0, "gaps": 0}
    row = {"stories": 1, "published": 4, "share": 0.25, "coverage": coverage}
    day = {"day": "2026-07-14"}
    assert found["rows"] == [day | {"topic": topic} | row for topic in ("science", "policy")]
    assert found["total"] == [{"topic": topic} | row for topic in ("science", "policy")]


@pytest.mark.parametrize(
    "words",
    [
        ("--feed", "nobody"),
        ("--topic", "scince"),
        ("--language", "unknown"),
        ("--since", "2026-07-14T12:00"),
        ("--until", "9999-12-31"),
        ("--since", "2026-07-15", "--until", "2026-07-14"),
    ],
)
def test_a_count_of_what_there_is_not_is_a_usage_error(full: Command, words: tuple[str, ...]) -> None:
    """Exit 2, also for a part of a day."""
    assert full("counts", *words).code == 2


def test_a_wrong_sum_is_named_and_mended(full: Command, engine: Engine) -> None:
    """By `runs check`, which says how; `db recount` does it."""
    with write_transaction(engine) as connection:
        connection.execute(update(table_of(StoryCount)).values(stories=9))
    answer = full("runs", "check")
    assert (answer.code, "db recount" in answer.out) == (1, True)
    assert full("db", "recount").code == 0
    assert full("runs", "check").code == 0
