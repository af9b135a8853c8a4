"""What needs a person, judged from facts; and who hears of it, once."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from sqlalchemy import Engine, update

from config.settings import AlertSettings, Secret, Settings
from flows.upkeep.telling.alerts import look, tell_changes
from flows.upkeep.telling.delivery import deliver
from flows.upkeep.telling.health import Finding, Surroundings, findings
from flows.upkeep.telling.report import report_markdown
from models.queries.ledger.feed_stats import FeedStats
from models.reports import Counts, FeedReport, FeedStatus, MeaningCounts, PageCounts, RunReport, RunStatus
from models.storage.database import write_transaction
from models.tables.feeds import Feed
from tests.builders import Archive, Piece

NOW = datetime(2026, 7, 14, 12, tzinfo=UTC)
TODAY = NOW.date()
DUE = datetime(2026, 7, 14, 4, 15, tzinfo=UTC)
WELL = Surroundings(
    now=NOW, due_at=DUE, last_night_at=DUE + timedelta(minutes=1), free_bytes=50_000_000_000, prefect_bytes=0
)
DEAD = Finding(subject="one", state="dead", message="one: it has failed.")


def _days(last: int, gap: int = 1) -> tuple[date, ...]:
    """Return ten days of news, the last of them so many days ago."""
    return tuple(TODAY - timedelta(days=last + gap * back) for back in reversed(range(10)))


FEED = FeedStats(
    id="one",
    url="https://one.example/feed",
    current_url="https://one.example/feed",
    state="active",
    state_reason=None,
    failing_nights=0,
    news_days=_days(0),
    seen=(20,) * 10,
    renamed=(False,) * 10,
    pages_accepted=3,
    pages_refused=5,
)


@pytest.mark.parametrize(
    ("feed", "states"),
    [
        ({}, []),
        ({"state": "gone"}, ["gone"]),
        ({"state": "dormant", "failing_nights": 12, "state_reason": "404"}, ["dead"]),
        ({"failing_nights": 2}, []),
        ({"failing_nights": 3}, ["dead"]),
        ({"news_days": _days(3)}, []),
        ({"news_days": _days(4)}, ["quiet"]),
        ({"news_days": _days(20, gap=7)}, []),
        ({"news_days": _days(28, gap=7)}, ["quiet"]),
        ({"news_days": _days(30)[:4]}, []),
        ({"seen": (9, *(20,) * 9)}, ["short"]),
        ({"seen": (0, *(3,) * 9)}, []),
        ({"seen": (1, 20, 20)}, []),
        ({"renamed": (True, True, False)}, ["renamed"]),
        ({"renamed": (True, False, True)}, []),
        ({"renamed": (True,)}, []),
        ({"pages_accepted": 0}, ["pages"]),
        ({"pages_accepted": 0, "pages_refused": 4}, []),
        ({"current_url": "https://two.example/feed", "failing_nights": 5}, ["moved", "dead"]),
        ({"was_read": False, "failing_nights": 1, "last_error": "UnknownHost"}, ["unread"]),
        ({"was_read": False, "failing_nights": 1, "last_error": "NotAFeed"}, ["unread"]),
        ({"was_read": False, "failing_nights": 1, "last_error": "TimedOut"}, []),
        ({"failing_nights": 1, "last_error": "HttpRefused"}, []),
        ({"gap_at": NOW - timedelta(days=6)}, ["gap"]),
        ({"gap_at": NOW - timedelta(days=8)}, []),
        ({"moved_to": "https://two.example/feed", "moved_since": NOW - timedelta(days=1)}, []),
        ({"moved_to": "https://two.example/feed", "moved_since": NOW - timedelta(days=3)}, ["elsewhere"]),
        ({"moved_to": "https://two.example/", "moved_since": NOW - timedelta(days=3), "moved_nights": 2}, []),
    ],
    ids=[
        "a feed that is well",
        "gone for good",
        "dormant",
        "failing since two nights",
        "failing since three nights",
        "a daily feed, silent for three days",
        "a daily feed, silent for four days",
        "a weekly feed, silent for twenty days",
        "a weekly feed, silent for four weeks",
        "too young for a habit",
        "less than half its volume",
        "a small feed, empty today",
        "too few documents for a volume",
        "other links or ids in two documents in a row",
        "other links or ids once",
        "a first document with other links",
        "only pages without a text",
        "too few pages to tell",
        "moved, and failing there",
        "an unknown host in its first night",
        "no feed in its first night",
        "a time-out in its first night",
        "refused once, and read before",
        "entries were missed this week",
        "entries were missed long ago",
        "redirected to other entries last night",
        "redirected to other entries since three nights",
        "redirected to the same feed, not believed yet",
    ],
)
def test_a_feed_is_judged_by_its_own_habits(feed: dict[str, Any], states: list[str]) -> None:
    """Each illness has its word; a feed within its habits has none."""
    assert [one.state for one in findings([replace(FEED, **feed)], WELL)] == states


@pytest.mark.parametrize(
    ("around", "found"),
    [
        ({"last_night_at": None}, ["nights none"]),
        ({"last_night_at": DUE - timedelta(days=1)}, ["nights missed"]),
        ({"last_night_at": DUE - timedelta(days=1), "now": DUE + timedelta(hours=5)}, []),
        ({"free_bytes": 1_000_000_000}, ["disk low"]),
        ({"prefect_bytes": 2_000_000_000}, ["prefect large"]),
    ],
    ids=["no night yet", "the last night is missing", "it may still be at work", "little space", "much history"],
)
def test_the_archive_own_matters_come_first(around: dict[str, Any], found: list[str]) -> None:
    """Missed nights, the disk and Prefect's database are findings of their own."""
    assert [f"{one.subject} {one.state}" for one in findings([FEED], replace(WELL, **around))] == found


class Post:
    """Somebody who gets alerts, and may be out."""

    def __init__(self) -> None:
        self.letters: list[str] = []
        self.is_there = True

    def __call__(self, addresses: object, title: str, text: str) -> bool:
        """Take a letter."""
        if self.is_there:
            self.letters.append(text)
        return self.is_there


def test_only_a_change_is_told(tmp_path: Path) -> None:
    """A finding is told once, its end too; what could not be sent is told the next time."""
    settings = Settings(home=tmp_path, alerts=AlertSettings(urls=(Secret("json://127.0.0.1"),)))
    post = Post()
    post.is_there = False
    tell_changes(settings, [DEAD], post)
    post.is_there = True
    for found in ([DEAD], [DEAD], []):
        tell_changes(settings, found, post)
    assert post.letters == ["one: it has failed.", "Well again: one: it has failed."]
    assert tell_changes(settings, [], post) is None


def test_an_alert_that_nobody_takes_is_told_again(tmp_path: Path) -> None:
    """Nobody listens at this port: the alert is not taken for sent."""
    settings = Settings(home=tmp_path, alerts=AlertSettings(urls=(Secret("json://127.0.0.1:9/"),)))
    tell_changes(settings, [DEAD])
    assert not (tmp_path / "health.json").exists()
    assert "127.0.0.1:9" not in repr(settings)


def test_an_alert_arrives(
    post_office: tuple[str, list[dict[str, str]]], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """It comes once for a change and once for its end; an address that takes none is named by its place alone."""
    office, letters = post_office
    urls = (f"json://ann:hunter2@{office}/", "nonsense://ann:hunter2@nowhere", "json://ann:hunter2@127.0.0.1:9/")
    settings = Settings(home=tmp_path, alerts=AlertSettings(urls=tuple(map(Secret, urls))))
    for found in ([DEAD], [DEAD], []):
        tell_changes(settings, found)
    assert [letter["message"] for letter in letters] == ["one: it has failed.", "Well again: one: it has failed."]
    assert "address 2 of 3 in CLIMATE_ARCHIVE_ALERTS__URLS took no alert" in caplog.text
    assert "took no alert: apprise knows no nonsense://" in caplog.text
    assert "address 3 of 3 in CLIMATE_ARCHIVE_ALERTS__URLS took no alert: A Connection error occurred" in caplog.text
    written = "".join(file.read_text() for file in tmp_path.iterdir())
    assert "hunter2" not in caplog.text + written + repr(settings)


def test_the_ledger_gives_the_facts(engine: Engine, tmp_path: Path) -> None:
    """A feed that moved and one that is gone are found in an archive, and one out of feeds.yaml is not."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one, two, three = archive.feed("one"), archive.feed("two"), archive.feed("three")
        archive.night(one, Piece())
        archive.end(archive.begin(), RunStatus.COMPLETED)
        for spec, values in ((one, {"current_url": "https://x.example/"}), (two, {"state": "gone"})):
            connection.execute(update(Feed).where(Feed.id == spec.id).values(values))
        connection.execute(update(Feed).where(Feed.id == three.id).values(is_active=False, state="gone"))
    found = look(Settings(home=tmp_path), engine, archive.now)
    assert [(one.subject, one.state) for one in found if one.subject != "disk"] == [("one", "moved"), ("two", "gone")]


def test_an_alert_is_plain_text_where_its_reader_takes_html(post_office: tuple[str, list[dict[str, str]]]) -> None:
    """What a server sent stands in a mail as it was sent, and does nothing there."""
    address, letters = post_office
    assert deliver(f"json://{address}/?format=html", "T", "<b>x</b>") is None
    assert [letter["message"] for letter in letters] == ["&lt;b&gt;x&lt;/b&gt;"]


def test_the_report_quotes_no_markup() -> None:
    """What a server sent stands in the report as plain text on one line."""
    feed = FeedReport(feed="one", status=FeedStatus.FAILED, reason="<b>no\n[x](y)|&lt;\x1b[2J", counts=Counts())
    report = RunReport(
        run_id=7,
        mode="run",
        status=RunStatus.COMPLETED_WITH_ERRORS,
        started_at=NOW,
        finished_at=NOW,
        feeds=(feed,),
        pages=PageCounts(),
        meaning=MeaningCounts(waiting=3),
    )
    text = report_markdown(report, [DEAD])
    assert text.startswith("# Run 7: completed with errors\n")
    assert "- one: \\<b\\>no \\[x\\](y)\\|\\&lt; \\[2J\n" in text
    assert "- one: it has failed.\n" in text
    assert "\nSecond reader: left 3 for later.\n" in text
