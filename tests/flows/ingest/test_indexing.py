"""The search index keeps in step with the night, by words that were found where the texts were read."""

import asyncio
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event, text

from flows.ingest.direct import DIRECT_RUNNER
from flows.ingest.passes import work_run
from flows.runs.derived.indexing import keep_in_step
from flows.runs.opening import RunRequest, open_run
from models.archive.stories import queue_for_search
from models.archive.texts.search_queue import index_batch
from models.queries.searching.asking import SearchRequest
from models.queries.searching.search import search
from models.search.languages import LANGUAGES
from models.search_words import Wording
from models.storage.database import BATCH_ROWS, write_transaction
from tests.databases import on_both
from tests.flows.ingest.one_feed import Feed
from tests.nights import rows
from tests.site.behaviours import XML, answer

ITEM = "<item><title>Climate change and the sea, part {0}</title><link>{1}</link><description>{2}</description></item>"
TEXTS = ("The floods’ waters rose by 1,200 mm.", "气候变化 warms Ørsted’s seas", "It fell in 30'000 towns")


@on_both
async def test_stories_are_found_before_their_night_is_over(feed: Feed, engine: Engine) -> None:
    """A batch is indexed while feeds are read; each story as it would be indexed from the archive."""
    count = BATCH_ROWS + 3
    items = (ITEM.format(at, feed.site.url(f"/{at}"), TEXTS[at % len(TEXTS)]) for at in range(count))
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'
    feed.serve(answer(200, body.encode(), XML))
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        assert rows(engine, "search_queue") == []
    found = _index(engine)
    with write_transaction(engine) as connection:
        queue_for_search(connection, [row["id"] for row in rows(engine, "stories")], feed.nights.clock.now)
        while index_batch(connection):
            pass
    assert len(found) == count
    assert _index(engine) == found


@on_both
async def test_the_rest_is_indexed_at_a_runs_end(feed: Feed, engine: Engine) -> None:
    """What is less than a batch, and what another run left in the queue; who searches then finds all of it."""
    for at in range(2):
        item = ITEM.format(at, feed.site.url(f"/{at}"), TEXTS[at])
        body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{item}</channel></rss>'
        feed.serve(answer(200, body.encode(), XML))
        async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
            await work_run(run, DIRECT_RUNNER)
            assert [row["story_id"] for row in rows(engine, "search_queue")] == list(range(1, at + 2))
        assert rows(engine, "search_queue") == []
        with write_transaction(engine) as connection:
            found = search(connection, SearchRequest(query="climate sea"))
            queue_for_search(connection, [1], feed.nights.clock.now)  # as a run does that ends before it indexes
        assert sorted(hit.id for hit in found) == list(range(1, at + 2))


async def test_what_waits_is_indexed_once(feed: Feed, engine: Engine) -> None:
    """Though two feeds find at the same time that enough waits."""
    items = (ITEM.format(at, feed.site.url(f"/{at}"), TEXTS[at]) for at in range(len(TEXTS)))
    body = f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{"".join(items)}</channel></rss>'
    feed.serve(answer(200, body.encode(), XML))
    async with open_run(feed.nights.settings, RunRequest(), feed.nights.world) as run:
        await work_run(run, DIRECT_RUNNER)
        run.words |= {Wording(str(at), "", None): () for at in range(BATCH_ROWS)}
        with _indexed() as batches:
            await asyncio.gather(keep_in_step(run), keep_in_step(run))
        assert len(batches) == 1
        assert rows(engine, "search_queue") == []


@contextmanager
def _indexed() -> Iterator[list[str]]:
    """Collect the statements that write rows of the index."""
    seen: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        is_batch = statement.startswith("INSERT INTO story_search") and LANGUAGES.name not in statement
        seen.extend([statement] if is_batch else [])

    event.listen(Engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(Engine, "before_cursor_execute", note)


def _index(engine: Engine) -> list[tuple[Any, ...]]:
    """Return which words of which story stand where."""
    with write_transaction(engine) as connection:
        if engine.dialect.name != "sqlite":
            return [tuple(row) for row in connection.execute(text("SELECT * FROM story_search ORDER BY 1"))]
        connection.execute(text("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, story_search, instance)"))
        words: defaultdict[int, list[tuple[Any, ...]]] = defaultdict(list)
        for row_id, *place in connection.execute(text("SELECT doc, col, offset, term FROM temp.words")):
            words[row_id].append(tuple(place))
        connection.execute(text("DROP TABLE temp.words"))
        latest = {row_id & (1 << 40) - 1: row_id for row_id in sorted(words)}
        return [(story_id, sorted(words[row_id])) for story_id, row_id in sorted(latest.items())]
