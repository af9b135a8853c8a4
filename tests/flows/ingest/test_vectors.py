"""At its end a night makes vectors of meaning for the stories that wait, as many as it may."""

import struct

import pytest
from sqlalchemy import Engine

from config.settings import MeaningSettings
from flows.steps._labelling.encoder import DIMENSIONS, encoder_version, story_vectors
from tests.nights import Nights, rows
from tests.site.behaviours import XML, answer
from tests.site.server import Site

TITLES = ("Der Fluss überschwemmte das Dorf", "Ice on the pole is thinner than ever", "La sequía vacía los embalses")
FEED = '<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{}</channel></rss>'
ITEM = "<item><guid>{0}</guid><title>{1}</title><description>{1}.</description></item>"


def numbers_of(vector: bytes) -> tuple[float, ...]:
    """Return what a vector holds. Another batch rounds it in another order."""
    return struct.unpack(f"<{DIMENSIONS}e", vector)


@pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")
async def test_a_night_makes_the_vectors_that_it_may(nights: Nights, site: Site, engine: Engine) -> None:
    """Two of three tonight; the third waits for the next night, which brings nothing else."""
    items = "".join(ITEM.format(at, title) for at, title in enumerate(TITLES))
    site.serve("/feed", answer(200, FEED.format(items).encode(), XML))
    nights.feeds = [{"id": "one", "name": "one", "url": site.url("/feed"), "relevance": "assume", "full_text": True}]
    nights.meaning = MeaningSettings(second_reader=False, vectors_per_night=2)
    await nights.run()
    assert (len(rows(engine, "story_vectors")), len(rows(engine, "vector_queue"))) == (2, 1)
    nights.clock.advance(days=1)
    await nights.run()
    kept = rows(engine, "story_vectors")
    assert {row["encoder"] for row in kept} == {encoder_version()}
    assert {len(row["vector"]) for row in kept} == {2 * DIMENSIONS}
    texts = {row["story_id"]: (row["title"], row["text"]) for row in rows(engine, "story_versions")}
    alone = story_vectors([texts[row["story_id"]] for row in kept])
    for row, vector in zip(kept, alone, strict=True):
        assert numbers_of(row["vector"]) == pytest.approx(numbers_of(vector), abs=0.002)
    assert rows(engine, "vector_queue") == []


@pytest.mark.skipif(encoder_version() is None, reason="the extra [meaning] is not installed")
async def test_what_the_second_reader_read_needs_no_other_reading(nights: Nights, site: Site, engine: Engine) -> None:
    """Its vectors are kept with the texts: nothing waits, and a changed text brings its own."""
    nights.feeds = [{"id": "one", "name": "one", "url": site.url("/feed"), "relevance": "assume", "full_text": True}]
    nights.meaning = MeaningSettings(vectors_per_night=0)
    for text in (f"{TITLES[1]}.", f"{TITLES[1]}. Nobody remembers less."):
        item = f"<item><guid>1</guid><title>{TITLES[1]}</title><description>{text}</description></item>"
        site.serve("/feed", answer(200, FEED.format(item).encode(), XML))
        await nights.run()
        nights.clock.advance(days=1)
        (kept,) = rows(engine, "story_vectors")
        assert numbers_of(kept["vector"]) == pytest.approx(numbers_of(story_vectors([(TITLES[1], text)])[0]), abs=0.002)
        assert kept["encoder"] == encoder_version()
        assert rows(engine, "vector_queue") == []


async def test_without_vectors_to_make_stories_wait(nights: Nights, site: Site, engine: Engine) -> None:
    """As they do where the encoder is not installed: nothing is lost by it."""
    site.serve("/feed", answer(200, FEED.format(ITEM.format(1, TITLES[0])).encode(), XML))
    nights.feeds = [{"id": "one", "name": "one", "url": site.url("/feed"), "relevance": "assume", "full_text": True}]
    await nights.run()
    assert (len(rows(engine, "story_vectors")), len(rows(engine, "vector_queue"))) == (0, 1)
