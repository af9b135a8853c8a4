"""What is searched is found, alike on both databases."""

from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, select, text

from models.search.factory import search_index
from models.search.interface import SearchRow
from models.storage.database import create_database_engine, read_transaction, write_transaction

STORIES = {
    1: ("Global warming reaches 1.54 °C", "Scientists at the WMO say 3,000 glaciers are melting. Coal must go."),
    2: (
        "Japan's METI and Baku",
        "The ministry signed 27 cooperation agreements worth 457 billion yen. Net-zero by 2050.",
    ),
    3: ("北京气候变化峰会", "中国将在2030年前实现碳达峰。G20峰会 讨论煤炭。"),
    4: (
        "L'été le plus chaud à São Paulo",
        "Les forêts brûlent, les glaciers reculent. Ørsted baut Windräder an der Straße.",
    ),
    5: ("東京の気温", "今年の夏は記録的な暑さだった。ソーラー発電が増えた。"),
    6: ("Изменение климата", "Рост выбросов CO₂ продолжается. Ёлки и й."),
    7: ("기후 변화와 한국", "정부는 탄소중립을 선언했다."),
    8: ("जलवायु परिवर्तन", "भारत में गर्मी की लहर। दिल्ली"),
    9: ("การเปลี่ยนแปลงสภาพภูมิอากาศ", "ประเทศไทยร้อนขึ้น"),
    10: ("تغيُّر المناخ", "القمة في باكو"),
    11: ("Empty", ""),
    12: ("A glacier", "cooperation 27 agreements, coal coal coal, and a 1.5C limit; 154 people; 10.1000/xyz"),
    13: ("Limits", "Below 1.5 °C, at most 2 °C. The 5 GW farm costs 30 000 pounds for 300 kWh; July 14 200 people."),
    14: ("Grenzen", "Unter 1,5°C, höchstens 2°C. Der 5-GW-Park kostet 30.000 Euro, 300kWh. CO2e statt CO2."),
    15: ("极限", "2℃ 以下。5GW 30000 10⁶ PM2.5"),
    16: ("Límites", "Menos de 2ºC. 30,000 casas. Inundación en la costa. El mar."),
    17: ("Reefs", "Corals bleach. Flooding and floods follow. Whales swim to Wales; universities policies."),
    18: ("Der Wal", "Zwei Wale. Überschwemmungen. Die Wälder brennen."),
}
LANGUAGES = {12: "en", 13: "en", 14: "de", 15: "zh", 16: "es", 17: "en-GB", 18: "de"}
EVERY = set(STORIES)


@pytest.fixture(scope="module")
def indexed(new_database: Callable[[], str]) -> Iterator[Engine]:
    """Give an engine on an archive whose search holds the stories; its tests only read."""
    created = create_database_engine(new_database())
    _index_all(created)
    yield created
    created.dispose()


def _index_all(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        rows = [
            SearchRow(story_id=key, title=title, text=text, language=LANGUAGES.get(key))
            for key, (title, text) in STORIES.items()
        ]
        search_index(engine).index(connection, rows)


def _found(engine: Engine, query: str) -> list[int]:
    """List what a query finds, the best first."""
    with read_transaction(engine) as connection:
        matches = search_index(engine).matches(connection, query, with_rank=True)
        ranked = select(matches.c.story_id).order_by(matches.c.rank.desc(), matches.c.story_id)
        return list(connection.execute(ranked).scalars())


@pytest.mark.parametrize(
    ("query", "stories"),
    [
        pytest.param("1.54", {1}, id="a number with a point is one word"),
        pytest.param("3,000", {1}, id="a number with a comma is one word"),
        pytest.param("457", {2}, id="a plain number"),
        pytest.param("METI", {2}, id="a name in capitals"),
        pytest.param("baku", {2}, id="case does not matter"),
        pytest.param('"27 cooperation agreements"', {2}, id="words in a row are a phrase"),
        pytest.param("27 cooperation agreements", {2, 12}, id="words without quotes stand anywhere"),
        pytest.param('"27 cooperation', {2}, id="a missing last quote is put there"),
        pytest.param("glacier", {12}, id="in an unknown language a word is the whole word"),
        pytest.param("glaciers", {1, 4, 12}, id="another form of a word"),
        pytest.param('"glaciers"', {1, 4}, id="in quotes a word is itself"),
        pytest.param("glacier*", {1, 4, 12}, id="a star finds what begins so"),
        pytest.param("glac* -coal", {4}, id="a minus leaves out"),
        pytest.param("glacier* -coal -été", set(), id="several are left out"),
        pytest.param("glacier* -1.54 coal", {12}, id="without does not mind the order"),
        pytest.param('coal -"net zero"', {1, 12}, id="a phrase can be left out"),
        pytest.param("-coal", EVERY - {1, 12}, id="only without finds all the others"),
        pytest.param('-coal -"net zero"', EVERY - {1, 2, 12}, id="only several without finds all the others"),
        pytest.param("baku OR wmo", {1, 2}, id="one or another"),
        pytest.param("glacier* OR baku coal", {1, 12}, id="or binds closer than and"),
        pytest.param("OR baku", {2}, id="or at the start is nothing"),
        pytest.param("baku OR", {2}, id="or at the end is nothing"),
        pytest.param("baku OR OR wmo", {1, 2}, id="or twice is once"),
        pytest.param("baku AND meti", {2}, id="and is understood"),
        pytest.param("glac* NOT coal", {4}, id="not leaves out"),
        pytest.param('coal AND NOT "net zero"', {1, 12}, id="and not leaves a phrase out"),
        pytest.param("NOT coal", EVERY - {1, 12}, id="only not finds all the others"),
        pytest.param("glacier* NOT 30 000 coal", {1, 12}, id="not leaves out a number in parts, and no more"),
        pytest.param("baku NOT (limit OR glaciers)", {2}, id="or behind what is left out goes on leaving out"),
        pytest.param("-coal OR baku", EVERY - {1, 2, 12}, id="or between two that are left out, and no others"),
        pytest.param("glac* not coal", set(), id="not in small letters is a word"),
        pytest.param("net-zero", {2}, id="a hyphen joins words in a row"),
        pytest.param("zero-net", set(), id="a hyphen keeps the order"),
        pytest.param("net-ze*", {2}, id="a star after a hyphen"),
        pytest.param("japan", {2}, id="an apostrophe parts"),
        pytest.param("ete", {4}, id="accents may be left out"),
        pytest.param("sao paulo", {4}, id="a tilde may be left out"),
        pytest.param("BRÛLENT", {4}, id="accents in capitals"),
        pytest.param("orsted strasse windrader", {4}, id="strokes and sharp s may be left out"),
        pytest.param("été", {4}, id="a decomposed accent is an accent"),
        pytest.param("co2", {6, 14}, id="a subscript is a digit"),
        pytest.param("изменение елки", {6}, id="Cyrillic"),
        pytest.param("气候", {3}, id="a Chinese word of two characters"),
        pytest.param("变化", {3}, id="another that begins inside"),
        pytest.param("峰会", {3}, id="a Chinese word at the end"),
        pytest.param("气候变化", {3}, id="a Chinese word of four characters"),
        pytest.param("气变", set(), id="characters that do not follow each other"),
        pytest.param("化", {3}, id="a single character inside"),
        pytest.param("会", {3}, id="a single character at the end"),
        pytest.param("气候 煤炭", {3}, id="two Chinese words anywhere"),
        pytest.param("G20峰会", {3}, id="Latin and Chinese together"),
        pytest.param('"g20峰会 讨论"', {3}, id="a phrase across scripts and blanks"),
        pytest.param("2030年", {3}, id="a year in Chinese"),
        pytest.param("-气候 碳", set(), id="Chinese can be left out"),
        pytest.param("ソーラー", {5}, id="Japanese katakana"),
        pytest.param("ｿｰﾗｰ発電", {5}, id="half-width katakana are katakana"),
        pytest.param("記録的な暑さ", {5}, id="Japanese of mixed scripts"),
        pytest.param("기후", {7}, id="a Korean word"),
        pytest.param("변화", {7}, id="a Korean word before its particle"),
        pytest.param("탄소중립", {7}, id="a longer Korean word before its particle"),
        pytest.param("परिवर्तन", {8}, id="a Hindi word with its vowel signs"),
        pytest.param("लहर", {8}, id="a Hindi word before a danda"),
        pytest.param("ภูมิอากาศ", {9}, id="a Thai word inside a run"),
        pytest.param("تغير", {10}, id="Arabic without its points"),
        pytest.param("1.5C", {12, 13, 14}, id="a number glued to a letter"),
        *(pytest.param(text, {13, 14, 15, 16}, id=text) for text in ("2C", "2 °C", "2°C", "2℃", "2ºC", "2 ° C", "2 c")),
        *(pytest.param(f'"{text}"', {13, 14, 15, 16}, id=f"{text} in quotes") for text in ("2C", "2 °C", "2ºC")),
        *(pytest.param(text, {12, 13, 14}, id=text) for text in ("1,5 °C", "1.5°C", "1.5 ºC")),
        *(pytest.param(text, {13, 14, 15}, id=text) for text in ("5GW", "5 GW", "5-GW", "5 gw")),
        *(pytest.param(text, {13, 14}, id=text) for text in ("300kWh", "300 kWh", "300-kWh")),
        *(pytest.param(text, {13, 14, 15, 16}, id=text) for text in ("30000", "30 000", "30,000", "30.000", "30'000")),
        pytest.param("30 000 euro", {14}, id="a number in parts and a word"),
        pytest.param('"30 000 pounds"', {13}, id="a number in parts in a phrase"),
        pytest.param('"200 people"', {13}, id="a number before another is not hidden by it"),
        pytest.param("gw", {13, 14, 15}, id="a unit alone"),
        pytest.param("-2C 1.5C", {12}, id="a unit can be left out"),
        pytest.param("co2e", {14}, id="CO2e is one word"),
        pytest.param("10^6", {15}, id="a power"),
        pytest.param("106", set(), id="a power is no longer number"),
        pytest.param("pm2.5", {15}, id="a word with a fraction"),
        pytest.param("coral", {17}, id="a plural"),
        pytest.param("flood", {17}, id="other forms of a verb"),
        pytest.param("FLOODED", {17}, id="a form that is nowhere"),
        pytest.param('"flood"', set(), id="a form that is nowhere, in quotes"),
        pytest.param('"floods follow"', {17}, id="a phrase stands as it is written"),
        pytest.param('"flood follow"', set(), id="a phrase has no other forms"),
        pytest.param("-flood", EVERY - {17}, id="a word is left out in all its forms"),
        pytest.param('coral -"flood"', {17}, id="a word in quotes is left out as it is"),
        pytest.param("policy university", {17}, id="several words in other forms"),
        pytest.param("coral* -floods", set(), id="a beginning is no form"),
        pytest.param("inundaciones", {16}, id="a Spanish plural"),
        pytest.param("inundacion", {16}, id="a Spanish word without its accent"),
        pytest.param("uberschwemmung", {18}, id="a German word without its dots"),
        pytest.param("wald", {18}, id="a German plural"),
        pytest.param("mare", {16}, id="a stem stays in its language"),
        pytest.param("154", {12}, id="a number is not one with its point left out"),
        pytest.param("", set(), id="nothing finds nothing"),
        pytest.param('"" - * ! ( OR', set(), id="signs alone find nothing"),
        pytest.param("baku AND NOT ( ^", {2}, id="not before nothing leaves out nothing"),
        pytest.param("baku (NOT limit)", {2}, id="not behind a bracket"),
        pytest.param("baku (-limit)", {2}, id="a minus behind a bracket"),
        pytest.param("baku -(limit OR glaciers)", {2}, id="a minus before a bracket"),
        pytest.param("baku NOT ( limit OR glaciers )", {2}, id="not before a bracket that stands alone"),
        pytest.param("baku -( limit OR glaciers )", {2}, id="a minus before a bracket that stands alone"),
        pytest.param("(baku) & {meti} | title:", set(), id="signs of other languages are no signs here"),
        pytest.param("baku's", set(), id="a quote of SQL"),
        pytest.param("baku\\", {2}, id="a backslash"),
        pytest.param("meti:* <-> baku:A", set(), id="signs of PostgreSQL"),
        pytest.param("meti*and*baku", {2}, id="a star inside parts words in a row"),
        pytest.param("--baku", EVERY - {2}, id="two minus are one"),
        pytest.param("\0 baku \ud800", {2}, id="characters that no text may hold"),
        pytest.param("baku " * 200, {2}, id="a very long query"),
    ],
)
def test_a_query_finds(indexed: Engine, query: str, stories: set[int]):
    """A query finds exactly these stories."""
    assert set(_found(indexed, query)) == stories


@pytest.mark.parametrize(
    ("query", "order"),
    [
        pytest.param("glacier* OR coal", [12, 1, 4], id="more of the words comes first"),
        pytest.param("coal", [12, 1], id="a word more often comes first"),
    ],
)
def test_the_better_match_comes_first(indexed: Engine, query: str, order: list[int]):
    """The rank puts the better match first."""
    assert _found(indexed, query) == order


def test_a_word_of_the_title_weighs_more(engine: Engine):
    """Of two stories that hold a word once, the one that holds it in its title is the better match."""
    rows = [
        SearchRow(story_id=1, title="Nothing of note", text="A flood of words"),
        SearchRow(story_id=2, title="A flood of words", text="Nothing of note"),
    ]
    with write_transaction(engine) as connection:
        search_index(engine).index(connection, rows)
    assert _found(engine, "flood") == [2, 1]


def test_a_word_may_stand_often(engine: Engine):
    """A word that stands more often than an index counts is found, and so are the words behind it."""
    with write_transaction(engine) as connection:
        search_index(engine).index(connection, [SearchRow(story_id=1, title="", text="the " * 300 + "end")])
    assert _found(engine, "the end") == [1]


def test_no_phrase_spans_title_and_text(indexed: Engine):
    """The last word of a title and the first of its text are not in a row."""
    assert _found(indexed, '"and baku the ministry"') == []


def test_new_words_replace_the_old(engine: Engine):
    """A story indexed again is found by its new words only, and once."""
    _index_all(engine)
    with write_transaction(engine) as connection:
        search_index(engine).index(connection, [SearchRow(story_id=2, title="Tokyo", text="baku")])
    assert _found(engine, "meti") == []
    assert _found(engine, "baku") == [2]


def test_a_removed_story_is_not_found(engine: Engine):
    """A story taken out is found by nothing, and taking out what is not there is no mistake."""
    _index_all(engine)
    with write_transaction(engine) as connection:
        search_index(engine).remove(connection, [2, 999])
    assert _found(engine, "baku") == []
    assert set(_found(engine, "-coal")) == EVERY - {1, 2, 12}


def test_a_story_may_change_and_go_and_come_back(engine: Engine):
    """As often as it likes: its latest words find it, and once."""
    index = search_index(engine)
    _index_all(engine)
    with write_transaction(engine) as connection:
        for word in ("first", "second", "third"):
            index.index(connection, [SearchRow(story_id=2, title=word, text="")])
            index.remove(connection, [2, 3])
            index.index(connection, [SearchRow(story_id=2, title=f"{word} again", text="")])
    assert [_found(engine, word) for word in ("meti", "second", "third", "again")] == [[], [], [2], [2]]
    assert set(_found(engine, "-coal")) == EVERY - {1, 3, 12}


def _row(key: int) -> SearchRow:
    title, text = STORIES[key]
    return SearchRow(story_id=key, title=title, text=text, language=LANGUAGES.get(key))


def _never() -> Iterator[SearchRow]:
    raise AssertionError("the index is made anew")
    yield


@pytest.mark.parametrize(
    ("is_told", "shown"),
    [
        pytest.param(True, _never, id="all wordings are told"),
        pytest.param(False, lambda: iter([SearchRow(story_id=1, title="Tokyo", text="glaciers")]), id="one is not"),
    ],
)
def test_what_is_erased_leaves_nothing(engine: Engine, is_told: bool, shown: Callable[[], Iterator[SearchRow]]):
    """Of every wording a story was indexed with, hidden since or not; the others are found as before."""
    index, again = search_index(engine), SearchRow(story_id=2, title="Another day", text="in Baku")
    gone = {2, 3, 12}
    with write_transaction(engine) as connection:
        index.index(connection, [SearchRow(story_id=1, title="Tokyo", text="glaciers"), *map(_row, sorted(gone))])
        index.index(connection, [again])
        index.remove(connection, [3])
        index.erase(connection, gone, [*map(_row, sorted(gone)), *([again] if is_told else [])])
        index.remove(connection, gone)
        if engine.dialect.name == "sqlite":
            index.forget(connection, shown())
            connection.execute(text("CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, story_search, instance)"))
            assert set(connection.scalars(text("SELECT term FROM temp.words"))) == {"tokyo", "glaciers"}
        index.index(connection, [_row(12)])
    assert [_found(engine, word) for word in ("tokyo", "baku", "day", "glacier*")] == [[1], [], [], [12, 1]]


def test_an_endless_text_is_taken_in(engine: Engine):
    """A text beyond what an index can hold is found by its title and its beginning, and hurts nothing."""
    endless = "beginning " + " ".join(f"word{number:06}" for number in range(150_000)) + " x" * 20_000
    with write_transaction(engine) as connection:
        search_index(engine).index(connection, [SearchRow(story_id=1, title="Endless" + "s" * 5000, text=endless)])
    assert _found(engine, "endless* beginning word000100") == [1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(st.sampled_from("ab \"*-(){}[]:^+&|!<>'\\,.OR气é\0%_#~"), max_size=25) | st.text(max_size=25))
def test_no_query_hurts_the_database(indexed: Engine, query: str):
    """Any text is a query, and what it finds is there."""
    assert set(_found(indexed, query)) <= EVERY


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(title=st.text(max_size=30), text=st.text(max_size=60))
def test_no_text_hurts_the_index(engine: Engine, title: str, text: str):
    """Any text can be indexed."""
    with write_transaction(engine) as connection:
        search_index(engine).index(connection, [SearchRow(story_id=1, title=title, text=text)])
