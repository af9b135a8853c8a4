"""The API says what the commands print, and describes itself."""

from collections.abc import Mapping
from typing import Any

import pytest
from click.testing import CliRunner

from config.settings import PREFIX
from flows.cli.main import cli
from flows.web.reading import ReadingRoom
from tests.flows.web.conftest import Reader

PAIRS = (
    (("search", "sea", "--json"), "/api/search?q=sea", "stories"),
    (("search", "--topic", "policy", "--json"), "/api/search?topic=policy", "stories"),
    (("show", "1", "--json"), "/api/stories/1", None),
    (("show", "1", "--revisions", "--json"), "/api/stories/1/versions", "versions"),
    (("show", "1", "--explain", "--json"), "/api/stories/1?explain=1", None),
    (("counts", "--topic", "science", "--by", "day", "--json"), "/api/counts?topic=science&by=day", None),
    (("runs", "list", "--json"), "/api/runs", None),
    (("runs", "show", "latest", "--json"), "/api/runs/latest", None),
)


@pytest.mark.parametrize(("arguments", "path", "key"), PAIRS, ids=lambda value: " ".join(value) if value else None)
def test_the_api_says_what_the_command_prints(  # noqa: PLR0917
    room: ReadingRoom, client: Reader, monkeypatch: pytest.MonkeyPatch, arguments: Any, path: str, key: str | None
) -> None:
    """The same names, the same values."""
    settings = room.settings
    monkeypatch.setenv(f"{PREFIX}HOME", str(settings.home))
    monkeypatch.setenv(f"{PREFIX}DATABASE_URL", settings.sqlalchemy_url)
    printed = _printed(arguments)
    answered = client.get(path).json()
    if key == "versions":
        printed = printed["versions"]
    assert (answered[key] if key else answered) == printed


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
    assert client.get("/api/changes", params={"cursor": "c1-00000000"}).status_code == 404


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
