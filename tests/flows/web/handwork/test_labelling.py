"""A person labels a story on the pages: told as theirs everywhere, and overwritten by no run."""

from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import force_setattr, replace

from config.settings import Settings
from flows.runs.locks import archive_lock
from flows.upkeep.reclassify import reclassify
from flows.upkeep.relabel import RelabelRequest
from tests.databases import on_one
from tests.flows.web.handwork.conftest import Place, uid_of

pytestmark = on_one


def _api(place: Place, uid: str) -> dict[str, Any]:
    found: dict[str, Any] = place.visitor().get(f"/api/stories/{uid}?explain=1").json()
    return found


def test_a_label_is_told_as_the_persons(place: Place) -> None:
    """On the story's page with name and moment, in the API and its evidence, in the ledger; a run leaves it alone."""
    ada, uid = place.ada(), uid_of(place, "sea level")
    form = ada.soup(f"/hand/label/{uid}")
    assert "The sea level rises by 9" in form.get_text()
    assert [one.get_text() for one in form.select("legend")] == ["Is it about climate?"]
    assert {"adaptation", "general"} <= {one["value"] for one in form.select("#topic-1 option")}
    answer = ada.post(f"/hand/label/{uid}", verdict="about", topic=["adaptation", "fossil-fuels", ""])
    assert (answer.status_code, answer.headers["location"]) == (303, f"/story/{uid}#why")
    reclassify(place.room.settings, RelabelRequest(), most_churn=1.0, is_sure=True)
    story = _api(place, uid)
    assert [topic["id"] for topic in story["topics"]] == ["adaptation", "fossil-fuels"]
    assert (story["labelled_by"], story["evidence"]["origin"]) == ("hand", "hand")
    page = place.visitor().soup(f"/story/{uid}")
    assert "A person said so: Ada, 16 July 2026, 06:00." in page.select_one("#why").get_text()
    assert "Ada labelled it (adaptation, fossil-fuels)" in page.get_text()
    assert place.acts()[0] == ("Ada", "labelled", "adaptation, fossil-fuels")
    again = ada.soup(f"/hand/label/{uid}")
    assert [one["value"] for one in again.select("option[selected]")] == ["adaptation", "fossil-fuels"]


def test_a_story_can_be_hidden_and_shown_again(place: Place) -> None:
    """At once, in the search too; what the form holds of topics does not count then."""
    ada, uid = place.ada(), uid_of(place, "sea level")
    assert "3 about climate." in ada.soup("/about").get_text()
    ada.post(f"/hand/label/{uid}", verdict="off-topic", topic="adaptation")
    assert "2 about climate." in ada.soup("/about").get_text()
    assert _api(place, uid)["off_topic"] is True
    assert ada.get("/api/search?q=sea").json()["stories"] == []
    assert place.acts()[0] == ("Ada", "labelled", "not about climate")
    ada.post(f"/hand/label/{uid}", verdict="about", topic="adaptation")
    assert [one["uid"] for one in ada.get("/api/search?q=sea").json()["stories"]] == [uid]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"verdict": "about"}, "Choose a topic"),
        ({"verdict": "about", "topic": ["", ""]}, "Choose a topic"),
        ({}, "Choose a topic"),
        ({"verdict": "about", "topic": "weather-wonders"}, "There is no topic 'weather-wonders'"),
        ({"verdict": "about", "topic": ["adaptation", "general", "fossil-fuels", "policy"]}, "one to 3 topics"),
        ({"verdict": "about", "topic": "<script>"}, "There is no topic '<script>'"),
    ],
)
def test_what_cannot_be_a_label_is_said(place: Place, fields: dict[str, Any], said: str) -> None:
    """The form comes again, with what was wrong, and nothing is written."""
    ada, uid = place.ada(), uid_of(place, "sea level")
    answer = ada.post(f"/hand/label/{uid}", **fields)
    assert answer.status_code == 400
    assert "<script>" not in answer.text
    assert said.replace("'", "&#39;").replace("<script>", "&lt;script&gt;") in answer.text
    assert [kind for _, kind, _ in place.acts()] == ["signed_in"]


def test_a_story_that_is_not_there_is_said(place: Place) -> None:
    """When the form is opened, and when it is sent."""
    ada = place.ada()
    assert ada.get("/hand/label/0000000000000000").status_code == 404
    sent = ada.post("/hand/label/0000000000000000", verdict="about", topic="adaptation")
    assert (sent.status_code, "There is no story" in sent.text) == (404, True)


def test_what_is_in_the_way_is_said(place: Place, tmp_path: Path) -> None:
    """A mistake in topics.yaml, and an archive that is held alone; no page names a path."""
    ada, uid = place.ada(), uid_of(place, "sea level")
    with archive_lock(place.room.engine, "restore", exclusive=True):
        held = ada.post(f"/hand/label/{uid}", verdict="about", topic="adaptation")
    assert (held.status_code, "Another process works on this archive" in held.text) == (409, True)
    file = tmp_path / "topics.yaml"
    file.write_text("topics: 3")
    broken = replace(place.room.settings, topics_file=file)
    assert isinstance(broken, Settings)
    force_setattr(place.room, "settings", broken)
    for answer in (ada.get(f"/hand/label/{uid}"), ada.post(f"/hand/label/{uid}", verdict="off-topic")):
        assert answer.status_code == 503
        assert str(tmp_path) not in answer.text
    assert [kind for _, kind, _ in place.acts()] == ["signed_in"]
