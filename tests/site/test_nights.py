"""Two nights over every known way in which feeds fail, and a third on which nothing has changed."""

import asyncio
import operator
from collections.abc import Callable, Iterator
from pathlib import Path

from sqlalchemy import Engine

from flows.steps._fetching.exchange import PRODUCT
from models.queries.ledger.checks import audit
from models.reports import FeedStatus, RunReport
from models.storage.database import create_database_engine, read_transaction
from tests.site.nights.case import NightCase
from tests.site.nights.kept import active_content, archived_rows, hidden_by_the_future, secrets_read, story_differences
from tests.site.nights.play import ADDRESSES, HASTY, LESS_HASTY, LIMITS, Play
from tests.site.nights.table import CASES

_SLOW = tuple(case for case in CASES if case.kind == "slow")
_SILENT = tuple(case for case in _SLOW if case.nights[0].status is FeedStatus.FAILED)
_LATE = tuple(case for case in _SLOW if case not in _SILENT)
_OTHERS = tuple(case for case in CASES if case.kind != "slow")
# What takes long takes long on every database.
_LIGHT = tuple(case for case in _OTHERS if case.kind != "attack" and case.name != "5000 entries")


async def test_every_way_to_fail(tmp_path: Path, dialect: str, new_database: Callable[[], str]) -> None:
    """Every feed comes to what its case says, on both nights; a third night without news adds no row."""
    others = _OTHERS if dialect == "sqlite" else _LIGHT
    plays = [Play(cases=others, home=tmp_path / "others", database_url=new_database())]
    wrong = await _three_nights(plays[0])
    if dialect == "sqlite":  # they wait for the network, not for a database, and side by side
        silent = Play(cases=_SILENT, home=tmp_path / "silent", database_url=new_database(), limits=HASTY)
        late = Play(cases=_LATE, home=tmp_path / "late", database_url=new_database(), limits=LESS_HASTY)
        plays += [silent, late]
        wrong += [line for lines in await asyncio.gather(_three_nights(silent), _three_nights(late)) for line in lines]
    cases = [case for play in plays for case in play.cases]
    failed = {case.id for case in cases if any(f"{case.kind}: {case.name}: " in line for line in wrong)}
    print(f"{len(cases) - len(failed)}/{len(cases)} cases as expected ({dialect})")  # noqa: T201 (a person looks for it)
    assert not wrong, "\n".join(wrong)


async def _three_nights(play: Play) -> list[str]:
    """Play the nights, judge what all feeds have in common, and say what is wrong with some."""
    engine = create_database_engine(play.database_url)
    try:
        return await _judged(play, engine)
    finally:
        engine.dispose()


async def _judged(play: Play, engine: Engine) -> list[str]:
    async with play.running():
        first = await play.night(1)
        second = await play.night(2)
        wrong = [*play.differences(first, 1), *play.differences(second, 2), *story_differences(engine, play.cases)]
        before = archived_rows(engine)
        third = await play.night(3)
    assert archived_rows(engine) == before
    assert (third.totals.new, third.totals.updated, third.totals.failed) == (0, 0, 0)
    wrong += [f"night 3, {line}" for line in _surprises(third, play)]
    _assert_nothing_harmful_is_kept(play, engine)
    _assert_sites_were_treated_well(play)
    return wrong


def _surprises(third: RunReport, play: Play) -> Iterator[str]:
    rows = {row.feed: row for row in third.feeds}
    for case in play.cases:
        if rows[case.id].status is not _on_a_third_night(case):
            yield f"{case.kind}: {case.name}: it is {rows[case.id].status} ({rows[case.id].reason})"


def _on_a_third_night(case: NightCase) -> FeedStatus:
    """Tell what a feed comes to when it shows again what it showed on the second night."""
    second = case.nights[1].status
    if second is FeedStatus.GONE:
        return FeedStatus.SKIPPED
    if second is FeedStatus.SKIPPED and case.nights[0].status is FeedStatus.FAILED:
        return FeedStatus.FAILED  # its Retry-After is over
    is_whole_and_known = second is FeedStatus.OK and case.name not in {
        "cut in the same place every night",
        "other bytes and the same story",
        "unclosed",
    }
    return FeedStatus.UNCHANGED if is_whole_and_known else second


def _assert_nothing_harmful_is_kept(play: Play, engine: Engine) -> None:
    assert play.canary.connections == 0, "the canary was touched"
    assert list(active_content(engine)) == []
    assert secrets_read(engine) == []
    assert hidden_by_the_future(engine) == 0
    with read_transaction(engine) as connection:
        assert audit(connection).findings == ()


def _assert_sites_were_treated_well(play: Play) -> None:
    for site in play.sites.values():
        assert site.peak_in_flight <= LIMITS.per_host
        for night in (1, 2, 3):
            moments = [seen.at for seen in site.log if seen.night == night]
            # Any of them may be late on a busy machine, but not all of many; the last is never early.
            spans = [moments[-1] - at for at in moments]
            waits = [LIMITS.host_interval_s * behind for behind in reversed(range(len(moments)))]
            assert len(moments) < 9 or any(map(operator.ge, spans[:-1], waits[:-1]))
        for seen in site.log:
            assert seen.headers["user-agent"].startswith(f"{PRODUCT}/")
            assert LIMITS.contact in seen.headers["user-agent"]
    for case in play.cases:
        if "Retry-After" in case.name or case.name == "429 in seconds":
            _assert_patience(play, case, 0 if "says nothing" in case.name else 1)


def _assert_patience(play: Play, case: NightCase, seconds: float) -> None:
    for night in (1, 2, 3):
        first, second = play.site_of(case, play.cases.index(case)).visits(f"/{case.id}", night)
        assert second.at - first.at >= seconds, f"{case.name} was asked again too early"


def test_cases_have_names_of_their_own() -> None:
    """No two cases are one feed, and there are enough of them for every address."""
    assert len({case.id for case in CASES}) == len(CASES)
    assert len(CASES) > 20 * len(ADDRESSES)


def test_every_kind_is_in_the_docs() -> None:
    """docs/failures.md has a section for each kind of case, in the order of the table."""
    text = (Path(__file__).parents[2] / "docs" / "failures.md").read_text("utf-8")
    headings = [line.removeprefix("## ") for line in text.splitlines() if line.startswith("## ")]
    assert headings[1:] == list(dict.fromkeys(case.kind for case in CASES))
