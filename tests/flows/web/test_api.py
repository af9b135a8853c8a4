"""The API says what the commands print, and describes itself."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from config.settings import PREFIX
from flows.cli.main import cli
from flows.web.api import MOST_FOUND
from flows.web.app import make_app
from flows.web.content.changes import MOST_CHANGES
from flows.web.content.exporting import MOST_STORIES
from flows.web.reading import ReadingRoom
from models.queries.searching import best
from tests.flows.web.conftest import ADDRESS, Reader

PAIRS = (
    (("search", "sea", "--json"), "/api/search?q=sea", "stories"),
    (("search", "--topic", "policy", "--json"), "/api/search?topic=policy", "stories"),
    (("show", "1", "--json"), "/api/stories/1", None),
    (("show", "1", "--revisions", "--json"), "/api/stories/1/versions", "versions"),
    (("show", "1", "--explain", "--json"), "/api/stories/1?explain=1", None),
    (("counts", "--topic", "science", "--by", "day", "--json"), "/api/counts?topic=science&by=day", None),
    (("runs", "list", "--json"), "/api/runs", None),
    (("runs", "show", "latest", "--json"), "/api/runs/latest", None),
    (("runs", "acts", "--json"), "/api/acts", None),
)


@pytest.mark.parametrize(("arguments", "path", "key"), PAIRS, ids=lambda value: " ".join(value) if value else None)
def test_the_api_says_what_the_command_prints(  # noqa: PLR0917
    room: ReadingRoom, client: Reader, monkeypatch: pytest.MonkeyPatch, arguments: Any, path: str, key: str | None
) -> None:
    """The same names, the same values."""
    _use(room, monkeypatch)
    printed = _printed(arguments)
    answered = client.get(path).json()
    if key == "versions":
        printed = printed["versions"]
    assert (answered[key] if key else answered) == printed


def test_a_file_of_a_query_is_the_same_feed_as_on_the_pages(
    room: ReadingRoom, client: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its id and title, whoever writes it; only what is served has an address."""
    _use(room, monkeypatch)
    words = (
        "export",
        "--format",
        "atom",
        "--topic",
        "science",
        "--language",
        "en",
        "--since",
        "2026-07-01",
        "--needs-review",
    )
    written = CliRunner().invoke(cli, words).stdout_bytes
    served = client.get("/feed.atom?needs-review=1&since=2026-07-01&topic=science&lang=en").content
    heads = [re.findall(rb"<(?:id|title)>([^<]*)<", feed)[:2] for feed in (written, served)]
    assert heads[0] == heads[1]
    assert (b'rel="self"' in written, b'rel="self"' in served) == (False, True)


@pytest.mark.parametrize(
    ("arguments", "path"),
    [
        (("search", "--topic", "scince"), "search?topic=scince"),
        (("search", "--feed", "nobody"), "search?feed=nobody"),
        (("counts", "--language", "unknown"), "counts?lang=unknown"),
        (("counts", "--topic", "%00"), "counts?topic=%2500"),
        (("counts", "--since", "2026-07-15", "--until", "2026-07-14"), "counts?since=2026-07-15&until=2026-07-14"),
        (("search", "--until", "9999-12-31"), "search?until=9999-12-31"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else None,
)
def test_what_a_command_refuses_the_api_refuses_in_its_words(
    room: ReadingRoom, client: Reader, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], path: str
) -> None:
    """A name that is unknown, and days that cannot be; on every answer and page that takes them."""
    _use(room, monkeypatch)
    refused = CliRunner().invoke(cli, list(arguments))
    assert refused.exit_code == 2
    answer = client.get(f"/api/{path}")
    assert answer.status_code == 400
    assert answer.json()["detail"] in refused.output
    query = path.partition("?")[2]
    for other in ("/api/changes", "/api/facets", "/api/stories", "/search", "/export.csv", "/feed.atom"):
        assert client.get(f"{other}?{query}").status_code == 400, other


def test_a_list_of_feeds_that_cannot_be_read_is_no_bug(room: ReadingRoom, tmp_path: Path) -> None:
    """Only a name that the archive does not know is looked for there; the answer names no file."""
    broken = tmp_path / "feeds.yaml"
    broken.write_text("feeds: [")
    reader = Reader(make_app(replace(room, settings=replace(room.settings, feeds_file=broken)), [ADDRESS]))
    assert reader.get("/api/search?feed=one").status_code == 200
    answer = reader.get("/api/search?feed=nobody")
    assert (answer.status_code, str(tmp_path) in answer.text) == (503, False)


def test_a_language_that_nothing_is_in_has_no_page(client: Reader) -> None:
    """As a topic that there is not; what came near the gate counts."""
    assert client.get("/languages/es").status_code == 200
    assert client.get("/languages/xx").status_code == 404


def _use(room: ReadingRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let commands of this process read the archive of the pages."""
    monkeypatch.setenv(f"{PREFIX}HOME", str(room.settings.home))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", room.settings.sqlalchemy_url)


def _printed(arguments: Any) -> Any:
    import json

    result = CliRunner().invoke(cli, list(arguments))
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def test_choices_add_up(client: Reader) -> None:
    """Days add up to the total, and each language and topic is counted."""
    counts = client.get("/api/facets").json()
    assert counts["total"] == sum(day["stories"] for day in counts["days"]) == 3
    assert {one["value"]: one["count"] for one in counts["languages"]} == {"en": 2, "es": 1}
    assert {one["value"]: one["count"] for one in counts["topics"]} == {"science": 2, "policy": 2, "energy": 1}
    assert counts["corrected"] == counts["near_misses"] == counts["needs_review"] == 1


def test_changes_are_read_on_from_a_cursor(client: Reader) -> None:
    """Every story that changed comes once, in order, however small the pages are; a strange cursor is refused."""
    whole = client.get("/api/changes").json()
    seen: list[Mapping[str, Any]] = []
    cursor, is_last = "", False
    while not is_last:
        answer = client.get("/api/changes", params={"cursor": cursor, "limit": 1}).json()
        seen += answer["changes"]
        cursor, is_last = answer["cursor"], answer["is_last"]
    assert [one["uid"] for one in seen] == [one["uid"] for one in whole["changes"]]
    assert len(seen) == 3
    assert cursor == whole["cursor"]
    assert client.get("/api/changes", params={"cursor": cursor}).json()["changes"] == []


@pytest.mark.parametrize("cursor", ["c1-00000000", "latest", "c99999", "\0"])
def test_a_cursor_that_is_none_is_refused(client: Reader, cursor: str) -> None:
    """In words of the API, which name no option of a command."""
    answer = client.get("/api/changes", params={"cursor": cursor})
    assert answer.status_code == 400
    assert "read everything once without `cursor`" in answer.json()["detail"]


def test_answers_are_as_long_as_the_documents_say(client: Reader) -> None:
    """No limit goes beyond it."""
    said = (Path(__file__).parents[3] / "docs" / "security.md").read_text()
    assert f"{MOST_FOUND} stories or {MOST_CHANGES} changes an answer, {MOST_STORIES:,} an export" in said
    for path, most in (("search", MOST_FOUND), ("stories", MOST_FOUND), ("changes", MOST_CHANGES)):
        assert client.get(f"/api/{path}?limit={most}").status_code == 200
        assert client.get(f"/api/{path}?limit={most + 1}").status_code == 400


def test_of_many_stories_it_is_said_among_which_they_are_the_best(
    client: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By the page, which leads to the newest of all, and by the API; where all are ranked, nothing is said."""
    query = "q=sea+OR+methane"
    for path in ("search", "stories"):
        assert client.get(f"/api/{path}?{query}").json()["ranked_among"] is None
    assert "came in last" not in client.get(f"/search?{query}").text
    monkeypatch.setattr(best, "MOST_RANKED", 1)
    for path in ("search", "stories"):
        answer = client.get(f"/api/{path}?{query}").json()
        assert (len(answer["stories"]), answer["ranked_among"]) == (2, 1)
    shown = client.get(f"/search?{query}").text
    assert "come the best of the 1 that came in last" in shown
    assert f"/search?{query}&amp;order=newest" in shown
    assert "came in last" not in client.get(f"/search?{query}&order=newest").text


def test_runs_go_on_before_the_lowest_number(client: Reader) -> None:
    """As the documents say of them: they have no `next`."""
    (latest,) = client.get("/api/runs?limit=1").json()
    (first,) = client.get(f"/api/runs?limit=1&before={latest['run_id']}").json()
    assert (latest["run_id"], first["run_id"]) == (2, 1)
    assert client.get("/api/runs?before=1").json() == []


def test_every_route_is_described_with_an_example(client: Reader) -> None:
    """OpenAPI has each route, with what it says and an example; a mistake is JSON too."""
    described = client.get("/api/openapi.json").json()
    assert set(described["paths"]) >= {"/api/search", "/api/changes", "/api/counts", "/api/runs/{reference}"}
    for methods in described["paths"].values():
        assert set(methods) == {"get"}
        assert methods["get"]["description"]
        assert methods["get"]["responses"]["200"]["content"]["application/json"]["example"]
    wrong = client.get("/api/stories/none")
    assert (wrong.status_code, wrong.json()["error"]) == (404, "There is no such page")
