"""A query asks for the word forms of the archive's languages alone, and finds what it would find with all of them."""

import re
from collections.abc import Callable, Collection, Iterator, Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, event, select

from models.search import postgres, sqlite
from models.search.factory import search_index
from models.search.interface import SearchRow
from models.search.languages import held_languages
from models.search.query import Query, parse_query
from models.search.stems import STEMMED, stems_of_query
from models.storage.database import create_database_engine, read_transaction, write_transaction

# Words that several languages write, with other stems in each, and forms of them.
WORDS = re.findall(
    r"\S+",
    "flood floods flooding climate climates climat climatique clima climas emission emissions emissionen emissão "
    "emissões energie energies energía solar solare solaire wal wale wales die tagen tage ministro ministros nation "
    "nations национал выбросы выбросов изменения गर्मी जलवायु 中国 気候 co2 1.5 30000",
)
TAGS = (None, "", "en", "en-GB", "de", "fr", "es", "pt-BR", "no", "ru", "hi", "zh", "ja", "tlh", "EN", "x")
TEXTS = st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join)
STORIES = st.lists(st.tuples(TEXTS, TEXTS, st.sampled_from(TAGS)), min_size=1, max_size=12)
FORMS = st.sampled_from(("{}", "{}", '"{}"', "{:.3}*", "-{}", "OR {}"))
QUERIES = st.lists(
    st.tuples(FORMS, st.sampled_from(WORDS)), min_size=1, max_size=4, unique_by=lambda term: term[1]
).map(lambda terms: " ".join(form.format(word) for form, word in terms))
SETTINGS = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@pytest.fixture(scope="module")
def archive(new_database: Callable[[], str]) -> Iterator[Engine]:
    """Give an engine on an archive whose index the tests make anew."""
    created = create_database_engine(new_database())
    yield created
    created.dispose()


def _index(engine: Engine, rows: Sequence[tuple[str, str, str | None]]) -> None:
    index = search_index(engine)
    with write_transaction(engine) as connection:
        index.drop(connection)
        index.create(connection)
        index.index(
            connection,
            [
                SearchRow(story_id=number, title=title, text=text, language=tag)
                for number, (title, text, tag) in enumerate(rows, start=1)
            ],
        )


def _found(engine: Engine, query: str) -> list[int]:
    with read_transaction(engine) as connection:
        matches = search_index(engine).matches(connection, query, with_rank=True)
        ranked = select(matches.c.story_id).order_by(matches.c.rank.desc(), matches.c.story_id.desc())
        return list(connection.scalars(ranked))


def _with_every_language(text: str, languages: Collection[str]) -> Query:
    del languages
    return parse_query(text, STEMMED)


@SETTINGS
@given(stories=STORIES, queries=st.lists(QUERIES, min_size=1, max_size=4))
def test_a_query_finds_what_it_finds_with_the_stems_of_every_language(
    archive: Engine, stories: list[tuple[str, str, str | None]], queries: list[str]
) -> None:
    """In the same order, whatever languages the stories have, of whichever nothing is known or that have no stems."""
    _index(archive, stories)
    reduced = [_found(archive, query) for query in queries]
    with pytest.MonkeyPatch.context() as patched:
        for module in (sqlite, postgres):
            patched.setattr(module, "parse_query", _with_every_language)
        assert [_found(archive, query) for query in queries] == reduced


def test_a_language_is_known_from_its_first_story_on(archive: Engine) -> None:
    """Under the code by which its words are stemmed; and it stays known, whatever becomes of the story."""
    _index(archive, [("Corals", "", "en-GB"), ("Nothing", "", None), ("珊瑚", "", "zh")])
    index = search_index(archive)
    with write_transaction(archive) as connection:
        assert held_languages(connection) == {"en"}
        assert index.border(connection, "Korallen", 1) is None
        index.index(connection, [SearchRow(story_id=9, title="Koralle", text="", language="de")])
        index.index(connection, [SearchRow(story_id=1, title="Fjord", text="", language="nn")])
        index.remove(connection, [9])
        assert held_languages(connection) == {"en", "de", "nb"}
        index.index(connection, [SearchRow(story_id=9, title="Koralle", text="", language="de")])
    assert _found(archive, "Korallen") == [9]


def test_a_query_asks_for_the_forms_of_these_languages_alone(archive: Engine) -> None:
    """What others would have is not sent to the database."""
    _index(archive, [("Floods", "", "en"), ("Flut", "", "de")])
    asked: list[str] = []
    event.listen(archive, "before_cursor_execute", lambda _c, _u, _s, parameters, *_: asked.append(str(parameters)))
    _found(archive, "floods")
    [told] = [one for one in asked if "floods" in one]
    stems = stems_of_query("floods")
    assert {stem for stem in stems if stem in told} == {stem for stem in stems if stem[-3:] in {".en", ".de"}}
    assert len(stems) > 20
