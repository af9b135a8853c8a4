"""What a large archive costs: a thousand stories more, a search, a count, what is new and what was corrected.

Of 10,000 stories and of 100,000, side by side. As a module it measures archives of any size, which it builds or goes on
with: `python -m tests.benchmarks.scale FOLDER 10000 100000 1000000`. What is asked is asked in this process. With the
URL of an archive alone it only asks, and tells the time by the clock too: a server's work is not this process's.
"""

import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from statistics import quantiles
from tempfile import TemporaryDirectory
from typing import Final

from msgspec import Struct
from sqlalchemy import Connection, Engine, func, select

from flows.steps.copies import copy_marks, likeness_of
from flows.steps.versions import COPY_RULES
from models.archive.texts.copies import keep_copies, suspects
from models.archive.texts.copy_queue import next_uncompared
from models.archive.texts.search_queue import index_batch
from models.corrections import CorrectionKind
from models.queries.arrivals import ArrivalRequest, arrivals
from models.queries.corrections import CorrectionRequest, corrections
from models.queries.ledger.counts import CountBy, CountRequest, count_rows
from models.queries.searching.search import Order, SearchRequest, search
from models.storage.database import read_transaction, write_transaction
from models.tables.runs import Run
from models.tables.stories import Story
from tests.benchmarks._archive import closing_engine
from tests.benchmarks.costs import cost_of
from tests.benchmarks.large.build import build
from tests.benchmarks.large.drafts import feed_specs
from tests.benchmarks.large.words import ASKED, OLD, write
from tests.benchmarks.measures import Measurement
from tests.builders import NOON, TOPICS, Archive, Piece

NAME = "scale"
SIZES: Final = (10_000, 100_000)
_MOMENT: Final = NOON
NEW: Final = 1_000  # stories, 25 of a feed
_AIMS: Final = {"newest": 50.0, "relevance": 100.0, "counts": 100.0, "new": 50.0, "corrected": 50.0}  # ms
_AT_MOST: Final = 2.0  # times what a story costs in the smaller archive
_QUERIES: Final = (*ASKED, OLD, "climate emissions", "flood methane", '"climate emissions"', "emis*", "flood -methane")


class Scale(Struct, frozen=True, kw_only=True):
    """What an archive of one size costs."""

    stories: int
    bytes_a_story: float
    grown_us: dict[str, float]  # CPU a story of those that come in: load, index, copies
    asked_ms: dict[str, float]  # 95th percentiles of CPU, by what is asked; warm


def measure(rounds: int) -> Iterator[Measurement]:
    """Build one archive after the other, the larger upon the smaller, and ask it again and again."""
    with TemporaryDirectory() as folder:
        small, large = (measured(Path(folder), size, 3 * rounds) for size in SIZES)
    for what, cost in large.grown_us.items():
        ratio = cost / small.grown_us[what]
        told = f"{what} of a story, {large.stories} to {small.stories}"
        yield Measurement(benchmark=NAME, what=told, values=(ratio,), unit="x", aim=_AT_MOST)
    for what, spent in large.asked_ms.items():
        told = f"p95 of {what}, {large.stories} stories"
        yield Measurement(benchmark=NAME, what=told, values=(spent,), unit="ms", aim=_AIMS[what])
    yield Measurement(benchmark=NAME, what="SQLite a story", values=(large.bytes_a_story / 1000,), unit="kB")


def measured(folder: Path, stories: int, times: int) -> Scale:
    """Measure an archive of so many stories; it is built in this folder where it is smaller."""
    path, grown = folder / "archive.db", folder / "grown.db"
    build(f"sqlite:///{path}", stories)
    with closing_engine(f"sqlite:///{path}") as engine, read_transaction(engine) as connection:
        asked = {what: _p95_ms(works, times) for what, works in _asked(connection).items()}
        count = connection.scalar(select(func.count()).where(Story.relevant_at.is_not(None))) or 0
    shutil.copy(path, grown)
    with closing_engine(f"sqlite:///{grown}") as engine:
        costs = _grown_us(engine)
    size = path.stat().st_size
    grown.unlink()
    return Scale(stories=count, bytes_a_story=size / count, grown_us=costs, asked_ms=asked)


def _asked(connection: Connection) -> dict[str, list[Callable[[], object]]]:
    newest = _newest(connection)
    run_id = connection.scalar(select(func.max(Run.id)))
    assert run_id is not None
    since = newest - timedelta(days=1)
    searches = [
        (order.value, partial(search, connection, SearchRequest(query=query, order=order)))
        for order in Order
        for query in _QUERIES
    ]
    return {
        **{order.value: [one for of, one in searches if of == order.value] for order in Order},
        "counts": [partial(count_rows, connection, CountRequest(by=by)) for by in (None, *CountBy)],
        "new": [
            partial(arrivals, connection, ArrivalRequest(since=since)),
            partial(arrivals, connection, ArrivalRequest(run_id=run_id - 1)),
        ],
        "corrected": [
            partial(corrections, connection, CorrectionRequest(since=since)),
            partial(corrections, connection, CorrectionRequest(kinds=(CorrectionKind.NUMBER,))),
        ],
    }


def _p95_ms(works: list[Callable[[], object]], times: int, clock: Callable[[], float] = time.process_time) -> float:
    spent: list[float] = []
    for work in works:
        work()
        spent += [_spent_ms(work, clock) for _ in range(times)]
    return quantiles(spent, n=20)[-1]


def _spent_ms(work: Callable[[], object], clock: Callable[[], float]) -> float:
    began = clock()
    work()
    return (clock() - began) * 1000


def _tell_asked(url: str, times: int) -> Iterator[str]:
    """Ask an archive that is there; give a line for each kind of question."""
    with closing_engine(url) as engine, read_transaction(engine) as connection:
        for what, works in _asked(connection).items():
            cpu, wall = (_p95_ms(works, times, clock) for clock in (time.process_time, time.perf_counter))
            yield f"{what}: p95 {cpu:.1f} ms of this process, {wall:.1f} ms by the clock\n"


def _grown_us(engine: Engine) -> dict[str, float]:
    """Take a thousand stories in, as a night would, then their words, then what they are copies of."""
    with read_transaction(engine) as connection:
        newest = _newest(connection)
    works: dict[str, Callable[[Engine], object]] = {
        "load": partial(_load, newest=newest),
        "index": _index,
        "copies": compare_queued,
    }
    return {what: 1e6 * cost_of(partial(work, engine)).cpu_s / NEW for what, work in works.items()}


def _newest(connection: Connection) -> datetime:
    newest = connection.scalar(select(func.max(Story.relevant_at)))
    assert newest is not None
    return newest


def _load(engine: Engine, *, newest: datetime) -> None:
    choose = random.Random("new stories")
    specs = [spec for spec in feed_specs() if spec.language == "en"][: NEW // 25]
    for place, spec in enumerate(specs):
        with write_transaction(engine) as connection:
            archive = Archive(connection, now=newest + timedelta(days=1))
            run_id = archive.begin("run")
            pieces = [_piece(choose, archive, f"https://{spec.id}.example/new/{place}-{at}") for at in range(25)]
            archive.show(run_id, spec, *pieces)


def _piece(choose: random.Random, archive: Archive, url: str) -> Piece:
    made = write(choose, "en", 400, ["climate"])
    published_at = archive.now - timedelta(minutes=choose.randrange(2_000))
    return Piece(title=made.title, text=made.text, url=url, published_at=published_at, topics=TOPICS[:2])


def _index(engine: Engine) -> None:
    done = 1
    while done:
        with write_transaction(engine) as connection:
            done = index_batch(connection)


def compare_queued(engine: Engine) -> None:
    """Compare the stories that wait with others, in this process alone."""
    while True:
        with write_transaction(engine) as connection:
            wanted = next_uncompared(connection, COPY_RULES, 500, _MOMENT)
        if not wanted:
            return
        marks = [copy_marks(one.text, one.authors) for one in wanted]
        sketches = {one.story_id: mark.sketch for one, mark in zip(wanted, marks, strict=True)}
        with read_transaction(engine) as connection:
            pairs = suspects(connection, wanted, marks, sketches)
        told = [(pair, found) for pair in pairs if (found := likeness_of(pair.original, pair.copy)) is not None]
        with write_transaction(engine) as connection:
            keep_copies(connection, list(zip(wanted, marks, strict=True)), told, _MOMENT)


if __name__ == "__main__":
    if "://" in sys.argv[1]:
        sys.stdout.writelines(_tell_asked(sys.argv[1], 9))
        sys.exit()
    home = Path(sys.argv[1])
    home.mkdir(parents=True, exist_ok=True)
    for size in map(int, sys.argv[2:]):
        found = measured(home, size, 9)
        costs = " ".join(f"{what} {cost:.0f} us" for what, cost in found.grown_us.items())
        answers = " ".join(f"{what} {spent:.1f} ms" for what, spent in found.asked_ms.items())
        sys.stdout.write(f"{found.stories} stories, {found.bytes_a_story / 1000:.1f} kB each: {costs}; {answers}\n")
