"""Reading stories, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import Engine

from flows.steps.text.urls import url_key
from models.errors import NotFound
from models.queries.filters import StoryFilter, count_stories
from models.queries.one_story import find_story, judgement_of, load_story, versions_of
from models.queries.stories import iterate_stories, load_stories
from models.stages import Relevance, TopicScore
from models.storage.database import BATCH_ROWS, write_transaction
from tests.builders import NOON, Archive, Piece


def test_a_story_is_read_whole(engine: Engine) -> None:
    """A story carries its text, labels, feeds in the list's order, and the run that admitted it."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        one, two = archive.feed("zeta"), archive.feed("alpha")
        run_id = archive.night(two, Piece(topics=("science", "policy")))
        archive.night(one, Piece())
        (story,) = load_stories(connection, [1])
    assert (story.title, story.url, story.authors) == ("Sea level rises", "https://one.example/sea", ("Ada Lind",))
    assert story.text.startswith("The sea level rises")
    assert story.feeds == ("zeta", "alpha")
    assert story.topics == (
        TopicScore(id="science", score=0.9, primary=True),
        TopicScore(id="policy", score=0.8, primary=False),
    )
    assert (story.relevance, story.classifier_version, story.run_id) == (0.9, "test-1", run_id)
    assert (story.method, story.confidence, story.revisions) == ("feed", 1.0, 0)


def test_what_was_handed_in_is_its_publishers(engine: Engine) -> None:
    """The site of its address where no feed shows it, and nobody where it has none; a source is no outlet."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        here = Piece(title="A dike", text="The dike is raised.", url=None)
        there = Piece(title="A wind", text="The wind blows.", url="https://www.two.example/wind")
        archive.night(archive.feed("one"), Piece())
        archive.night(archive.import_source("import:box"), Piece(), here, there)
        stories = load_stories(connection, [1, 2, 3])
    assert [story.feeds for story in stories] == [("one", "import:box"), ("import:box",), ("import:box",)]
    assert [story.outlets for story in stories] == [("One",), (), ("two.example",)]


def test_a_story_admitted_later_names_the_run_that_admitted_it(engine: Engine) -> None:
    """Its run is the one whose sum of new it is part of."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        gate, assume = archive.feed("gate", relevance=Relevance.GATE), archive.feed("assume")
        first = archive.night(gate, Piece(is_relevant=False))
        hidden = load_stories(connection, [1])[0]
        second = archive.night(assume, Piece(is_relevant=False))
        shown = load_stories(connection, [1])[0]
    assert (hidden.run_id, hidden.relevant_at) == (first, None)
    assert (shown.run_id, shown.relevant_at) == (second, NOON)


def test_all_stories_come_in_batches(engine: Engine) -> None:
    """More stories than a batch holds come once each, in the order of their ids."""
    count = BATCH_ROWS + 3
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        pieces = [Piece(title=f"Story {n}", text=f"Text {n}.", url=f"https://one.example/{n}") for n in range(count)]
        archive.night(archive.feed(), *pieces)
        assert [story.title for story in iterate_stories(connection, StoryFilter())] == [p.title for p in pieces]
        assert count_stories(connection, StoryFilter()) == count


def test_a_pointer_that_leads_nowhere_does_not_hide_its_story(engine: Engine) -> None:
    """Without its version and judgement a story is still there, empty."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece())
        archive.alter(1, version_id=None, classification_id=None)
        (story,) = iterate_stories(connection, StoryFilter())
    assert (story.text, story.topics, story.relevance, story.method) == ("", (), None, None)


@pytest.mark.parametrize(
    ("reference", "key"),
    [
        pytest.param("1", None, id="its id"),
        pytest.param("{uid}", None, id="its uid"),
        pytest.param("{UID}", None, id="its uid in capitals"),
        pytest.param("https://one.example/sea", None, id="the address it shows"),
        pytest.param("http://www.one.example/sea/?utm_source=x", "one.example/sea", id="the key of another address"),
        pytest.param("2", None, id="the id of one that became part of it"),
    ],
)
def test_a_story_is_found_by_any_of_its_names(engine: Engine, reference: str, key: str | None) -> None:
    """An id, a uid, an address or its key leads to the story; a merged story leads to the other."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece(), Piece(title="Same", text="Same.", url="https://one.example/same"))
        archive.alter(2, merged_into=1)
        uid = load_story(connection, 1).uid
        assert find_story(connection, reference.format(uid=uid, UID=uid.upper()), key) == 1


@pytest.mark.parametrize(
    "reference",
    ["7", "9" * 30, "ffffffffffffffff", "https://one.example/none", "", "\x00", "\udcff", "１"],
)
def test_a_name_that_is_none_is_not_found(engine: Engine, reference: str) -> None:
    """Whatever is typed, a story that is not there is NotFound on either database."""
    with write_transaction(engine) as connection, pytest.raises(NotFound):
        find_story(connection, reference, None)


def test_an_address_of_any_length_is_found(engine: Engine) -> None:
    """By the story's own address and by the key of another, both too long for an index."""
    own, other = (f"https://one.example/{start}/{'x' * 9000}" for start in ("own", "other"))
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece(url=own), Piece(url=other, guid="2"))
        assert find_story(connection, own) == 1
        assert find_story(connection, f"{own}?utm_source=x", url_key(own)) == 1
        assert find_story(connection, "https://short.test/x", url_key(other)) == 2


def test_a_story_about_climate_is_preferred_under_one_address(engine: Engine) -> None:
    """Where two stories show the same address, the admitted one is meant."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(
            archive.feed("gate", relevance=Relevance.GATE), Piece(is_relevant=False, url="https://x.example/a")
        )
        archive.night(archive.feed("one"), Piece(title="Other", text="Other words.", url="https://x.example/b"))
        archive.alter(2, url="https://x.example/a")
        assert find_story(connection, "https://x.example/a") == 2


def test_a_withdrawn_story_is_not_read(engine: Engine) -> None:
    """The day and reason of its withdrawal are said instead; a number that is none is NotFound too."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece())
        archive.alter(1, withdrawn_at=NOON, withdrawn_reason="its author asked")
        with pytest.raises(NotFound, match="2026-07-14: its author asked"):
            load_story(connection, 1)
        with pytest.raises(NotFound):
            load_story(connection, 2)


def test_versions_come_oldest_first(engine: Engine) -> None:
    """Every text a story had is there, with why and by whom."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        feed = archive.feed()
        archive.night(feed, Piece())
        archive.now += timedelta(days=1)
        archive.night(feed, Piece(text="The sea level falls, and the coast stays where it is for now."))
        versions = versions_of(connection, 1)
    assert [(one.number, one.reason, one.feed_id, one.run_id) for one in versions] == [
        (1, "first", "one", 1),
        (2, "revised", "one", 2),
    ]
    assert versions[1].text.startswith("The sea level falls")


def test_a_judgement_points_into_the_text_it_judged(engine: Engine) -> None:
    """Evidence of topics and gate cuts its term out of the judged title or text."""
    with write_transaction(engine) as connection:
        archive = Archive(connection)
        archive.night(archive.feed(), Piece())
        judgement = judgement_of(connection, 1)
        archive.alter(1, classification_id=None)
        assert judgement_of(connection, 1) is None
    assert judgement is not None
    title, lead = judgement.topics[0].evidence
    assert judgement.title[title.start : title.end] == "Sea level"
    assert judgement.text[lead.start : lead.end] == "sea level"
    assert (judgement.version, judgement.origin, judgement.is_relevant) == (1, "auto", True)
    assert judgement.evidence == (title, lead)
