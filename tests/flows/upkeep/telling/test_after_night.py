"""After a night: who is told over a real connection, and what is said where nobody takes it."""

from pathlib import Path

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine

from config.settings import AlertSettings, Secret, Settings
from flows.upkeep.telling.after_night import look_after
from flows.upkeep.telling.alerts import look
from models.queries.ledger.runs import run_report
from models.queries.notices import notices_of_run
from models.reports import RunReport
from models.storage.database import read_transaction, write_transaction
from tests.builders import NOON, Archive, Piece

Office = tuple[str, list[dict[str, str]]]


@pytest.fixture
def night(engine: Engine) -> RunReport:
    """Give a night that brought a story of the sea."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        return run_report(connection, archive.night(archive.feed("one"), Piece()))


@pytest.fixture
def settings(engine: Engine, tmp_path: Path) -> Settings:
    """Give settings that watch for the sea and tell NEWSROOM."""
    file = tmp_path / "watches.yaml"
    file.write_text("watches:\n  - {name: sea, query: sea, to: [atom, NEWSROOM]}\n")
    url = Secret(engine.url.render_as_string(hide_password=False))
    return Settings(home=tmp_path, database_url=url, watches_file=file)


def states(settings: Settings, engine: Engine) -> list[str]:
    """Return what needs a person of those who are told."""
    found = look(settings, engine, NOON)
    return [f"{one.subject} {one.state}" for one in found if one.subject not in {"nights", "disk"}]


def test_a_match_and_the_brief_arrive(
    post_office: Office, settings: Settings, night: RunReport, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each where it is wanted, and the report says who was told."""
    office, letters = post_office
    monkeypatch.setenv("NEWSROOM", f"json://ann:hunter2@{office}/")
    alerts = AlertSettings(urls=(Secret(f"json://{office}/"),), brief=True)
    text = look_after(replace(settings, alerts=alerts), night)
    match, brief = letters[:2]
    assert (match["title"], match["message"].splitlines()[0]) == (
        "Climate archive: sea",
        "1 new story meets the watch sea.",
    )
    assert "https://one.example/sea" in match["message"]
    assert brief["title"] == "Climate news of Tuesday, 14 July 2026: 1 new story"
    assert brief["message"].startswith("Science (1)\n- Sea level rises (One)")
    assert "- NEWSROOM was told of the watch sea: 1 story.\n" in text
    assert "was told of the morning brief: 1 story." in text
    assert (settings.home / "report.md").read_text() == text
    assert states(settings, engine) == []


def test_what_nobody_takes_is_reported_and_ends_nothing(
    settings: Settings,
    night: RunReport,
    engine: Engine,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The log, the ledger, the report and health name the variable and the reason, and nothing of the address."""
    monkeypatch.setenv("NEWSROOM", "json://ann:hunter2@127.0.0.1:9/")
    alerts = AlertSettings(urls=(Secret("json://ann:hunter2@127.0.0.1:9/"),), brief=True)
    wanted = replace(settings, alerts=alerts)
    text = look_after(wanted, night)
    assert "the watch sea was not taken by NEWSROOM: A Connection error occurred" in caplog.text
    assert "- NEWSROOM took nothing of the watch sea (1 story): A Connection error occurred" in text
    with read_transaction(engine) as connection:
        notices = notices_of_run(connection, night.run_id)
    assert [(one.watch, one.recipient) for one in notices] == [
        ("sea", "NEWSROOM"),
        (None, "CLIMATE_ARCHIVE_ALERTS__URLS"),
    ]
    assert states(wanted, engine) == [
        "watch sea to NEWSROOM untold",
        "brief to CLIMATE_ARCHIVE_ALERTS__URLS untold",
    ]
    assert "hunter2" not in caplog.text + text + repr(notices)


def test_nobody_who_is_no_more_to_be_told_needs_a_person(
    settings: Settings, night: RunReport, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A watch or a name that was taken out of the file is no trouble any more."""
    monkeypatch.setenv("NEWSROOM", "nonsense://nowhere")
    look_after(settings, night)
    assert states(settings, engine) == ["watch sea to NEWSROOM untold"]
    assert settings.watches_file is not None
    settings.watches_file.write_text("watches:\n  - {name: sea, query: sea, to: atom}\n")
    assert states(settings, engine) == []


def test_a_list_with_mistakes_is_reported_and_ends_nothing(
    settings: Settings, night: RunReport, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    """The log names the line; health says that nothing is looked after."""
    assert settings.watches_file is not None
    settings.watches_file.write_text("watches:\n  - {name: sea, to: atom}\n")
    text = look_after(settings, night)
    assert "watches.yaml:2: watch 'sea' looks for nothing" in caplog.text
    assert states(settings, engine) == ["watches broken"]
    assert "No watch is looked after" in text


def test_a_bug_in_telling_is_not_the_night(
    settings: Settings, night: RunReport, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The report is written all the same, the log has where the bug arose, and what was to be told stays untold."""

    def broken(_address: str, _title: str, _text: str) -> None:
        raise ZeroDivisionError

    monkeypatch.setenv("NEWSROOM", "json://127.0.0.1:9/")
    assert look_after(settings, night, broken).startswith("# Run 1: completed")
    assert "a bug in telling after run 1" in caplog.text
    assert "ZeroDivisionError" in caplog.text
    told: list[str] = []
    look_after(settings, night, lambda _address, _title, text: told.append(text))
    assert len(told) == 1
