"""The tools: what the commands print, quoted, bounded, with what a story is cited by."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner

from config.settings import PREFIX
from flows.assistant.answers import QUOTED
from flows.assistant.server import used
from flows.assistant.tools import TOOLS, ToolContext
from flows.cli.main import cli
from models.queries.searching import best
from models.storage.database import create_database_engine

PAIRS = (
    (("search", "sea"), "search", {"query": "sea"}, "stories"),
    (("search", "--topic", "policy", "--order", "newest"), "search", {"topics": ["policy"]}, "stories"),
    (
        ("search", "--feed", "two", "--since", "2026-07-14"),
        "search",
        {"feeds": ["two"], "since": "2026-07-14"},
        "stories",
    ),
    (("show", "1", "--explain"), "story", {"story": "1", "explain": True}, "story"),
    (("show", "https://one.example/sea"), "story", {"story": "https://one.example/sea"}, "story"),
    (("counts", "--topic", "science", "--by", "day"), "counts", {"topics": ["science"], "by": "day"}, None),
    (("corrected", "--kind", "number"), "corrections", {"kinds": ["number"]}, "corrections"),
    (("new", "--run", "1"), "new", {"run": "1"}, "stories"),
    (("new", "--since", "2026-07-01"), "new", {"since": "2026-07-01"}, "stories"),
)


def answered(desk: ToolContext, name: str, /, **arguments: Any) -> Any:
    """Return what a tool answers; what it refuses fails the test."""
    result: Any = used(desk, name, arguments)
    assert not result.is_error, result.content
    assert json.loads(result.content[0].text) == result.structured_content
    return result.structured_content


def refused(desk: ToolContext, name: str, /, **arguments: Any) -> str:
    """Return why a tool refuses."""
    result: Any = used(desk, name, arguments)
    assert result.is_error
    return str(result.content[0].text)


@pytest.mark.parametrize(("command", "name", "arguments", "key"), PAIRS, ids=lambda value: str(value)[:40])
def test_a_tool_says_what_the_command_prints(  # noqa: PLR0917
    desk: ToolContext, monkeypatch: pytest.MonkeyPatch, command: Any, name: str, arguments: Any, key: str | None
) -> None:
    """The same names, the same values, beside what a story is cited by."""
    monkeypatch.setenv(f"{PREFIX}HOME", str(desk.settings.home))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", desk.settings.sqlalchemy_url)
    printed = CliRunner().invoke(cli, [*command, "--json"])
    assert printed.exit_code == 0, printed.output
    found = answered(desk, name, **arguments)
    assert found["quoted"] == QUOTED
    bare = _uncited(found[key]) if key else {one: found[one] for one in ("by", "rows", "total")}
    assert bare == json.loads(printed.stdout)
    assert bare


def test_of_many_stories_it_is_said_among_which_they_are_the_best(
    desk: ToolContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Beside the total; of few stories all are ranked, and it is null."""
    assert answered(desk, "search", query="sea OR methane")["ranked_among"] is None
    monkeypatch.setattr(best, "MOST_RANKED", 1)
    found = answered(desk, "search", query="sea OR methane")
    assert (found["total"], len(found["stories"]), found["ranked_among"]) == (2, 2, 1)


def test_every_story_can_be_cited(desk: ToolContext) -> None:
    """It comes with its uid, its address and the digest of its text, which are those of the story itself."""
    story = answered(desk, "story", story="1")["story"]
    cite = {"uid": story["uid"], "address": "https://one.example/sea", "sha256": story["sha256"]}
    assert len(story["sha256"]) == 64
    assert story["cite"] == cite
    assert answered(desk, "search", query="sea")["stories"][0]["cite"] == cite
    assert answered(desk, "corrections", story="1")["corrections"][0]["story"]["cite"] == cite
    assert cite in [one["cite"] for one in answered(desk, "new", run="1")["stories"]]


@pytest.mark.parametrize("name", TOOLS)
def test_what_is_asked_is_bounded(name: str) -> None:
    """Every text, number and list of every tool's arguments has an end, and no other argument is taken."""
    schema = TOOLS[name].asked.model_json_schema()
    assert schema["additionalProperties"] is False
    for part in _parts(schema["properties"]):
        kind = part.get("type")
        assert kind != "string" or "maxLength" in part or part.get("format") == "date", part
        assert kind != "array" or "maxItems" in part, part
        assert kind != "integer" or {"minimum", "maximum"} <= set(part), part
        assert kind != "object", part
    assert all(one.get("enum") for one in schema.get("$defs", {}).values())


@pytest.mark.parametrize(
    ("name", "arguments", "said"),
    [
        ("search", {"topic": "policy"}, "topic: Extra inputs are not permitted."),
        ("search", {"topics": ["scienec"]}, "There is no topic 'scienec'; did you mean science?"),
        ("search", {"feeds": ["three"]}, "There is no feed 'three'"),
        ("search", {"limit": 51}, "limit: Input should be less than or equal to 50."),
        ("search", {"query": "a" * 401}, "query: String should have at most 400 characters."),
        ("search", {"since": "yesterday"}, "since: "),
        ("story", {}, "story: Field required."),
        ("story", {"story": "none"}, 'There is no story "none" in this archive'),
        ("new", {"run": "9"}, 'There is no run "9" in this archive'),
        ("withdraw", {}, "There is no tool 'withdraw'; there are search, story, counts, corrections, new."),
    ],
)
def test_what_cannot_be_answered_is_said(desk: ToolContext, name: str, arguments: dict[str, Any], said: str) -> None:
    """A mistake is named so that an assistant can mend it; nothing is narrowed by a name that is not there."""
    assert refused(desk, name, **arguments).startswith(said)


def test_a_list_may_come_as_text(desk: ToolContext) -> None:
    """As a list in JSON, or one name alone."""
    whole = answered(desk, "search", topics=["policy"])
    assert answered(desk, "search", topics='["policy"]') == answered(desk, "search", topics="policy") == whole


def test_a_long_text_comes_in_pieces(desk: ToolContext) -> None:
    """Piece by piece it is the whole text, and each piece says where it ends."""
    whole, pieces, first = answered(desk, "story", story="1")["story"]["text"], "", 0
    while first < len(whole):
        found = answered(desk, "story", story="1", first=first, characters=40)
        pieces += found["story"]["text"]
        first = found["characters"]["end"]
        assert found["characters"]["of"] == len(whole)
    assert pieces == whole
    assert answered(desk, "story", story="1", first=first)["story"]["text"] == ""


def test_a_publisher_text_is_quoted(desk: ToolContext) -> None:
    """An answer begins by saying so, and holds no letter that a person would not see."""
    result: Any = used(desk, "search", {"query": "methane"})
    text = result.content[0].text
    assert text.startswith(json.dumps({"quoted": QUOTED})[:-1])
    assert result.structured_content["stories"][0]["title"] == 'a "methane" <1 & co'


def test_an_archive_that_cannot_be_read_names_no_path(
    desk: ToolContext, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """The assistant hears that it cannot be read; why stands in the server's messages."""
    engine = create_database_engine(f"sqlite:///{tmp_path / 'none' / 'archive.db'}")
    assert refused(ToolContext(settings=desk.settings, engine=engine), "search") == (
        "The archive cannot be read now; its server's messages say why."
    )
    assert str(tmp_path) in caplog.text


def _uncited(value: Any) -> Any:
    if isinstance(value, list):
        return [_uncited(one) for one in value]
    if isinstance(value, dict):
        return {key: _uncited(one) for key, one in value.items() if key != "cite"}
    return value


def _parts(value: Any) -> Iterator[dict[str, Any]]:
    """Give every schema within a schema."""
    if isinstance(value, dict):
        yield value
    for one in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _parts(one)
