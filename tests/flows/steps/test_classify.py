"""What a story is about, why, and how sure that is; on a small taxonomy of our own and on the one that is installed."""

import pytest
from msgspec.structs import replace

from config.topics import load_topics, parse_topics
from flows.steps._labelling.hits import LEAD_LENGTH, READ_LENGTH
from flows.steps.classify import Classifier
from models.stages import GENERAL_TOPIC

SMALL = Classifier(
    parse_topics(
        "small.yaml",
        """version: 3
gate:
  threshold: 4
  terms:
    4: [climate change]
    2: [climate, drought, flood]
  negatives:
    3: [political climate, title drought, climate of fear]
topics:
  - {id: water, name: W, definition: W, terms: {3: [flood, sea level], 1: [water]}}
  - {id: party, name: P, definition: P, terms: {3: [Greens, vote], 2: [climate]}}
  - {id: colour, name: C, definition: C, terms: {3: [green], 2: [green light, red*]}}
  - {id: sea, name: S, definition: S, terms: {3: [sea, flood]}}
""",
    )
)
TAGGED = Classifier(
    parse_topics(
        "tagged.yaml",
        """version: 1
gate: {threshold: 4, terms: {4: [climate change]}, tags: {2: [tide]}}
topics:
  - {id: water, name: W, definition: W, terms: {3: [flood]}, tags: {3: [high water]}}
  - {id: sea, name: S, definition: S, terms: {3: [sea]}, tags: {3: [tides]}}
""",
    )
)
REAL = Classifier(load_topics(second_reader=False))
FILL = "word " * 160  # 800 characters that say nothing


def topics_of(title: str, text: str = "") -> list[str]:
    """Return the ids of a story's topics in the small taxonomy."""
    return [topic.id for topic in SMALL.classify(title, text).topics]


@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        pytest.param("Greens win", "", ["party", "colour"], id="a name is also the plural of its small letters"),
        pytest.param("green fields", "", ["colour"], id="small letters do not speak for the name"),
        pytest.param("sea level", "", ["water"], id="the longest term wins"),
        pytest.param("a vote on the political climate", "", ["party"], id="a negative cancels what it overlaps"),
        pytest.param("the political climate", "", [GENERAL_TOPIC], id="nothing is left beside a negative"),
        pytest.param("flood", "", ["water", "sea"], id="equal points stand in the order of the file"),
        pytest.param("flood vote green sea", "", ["sea", "water", "party"], id="three topics at most"),
        pytest.param("nothing", "at all", [GENERAL_TOPIC], id="none fits"),
        pytest.param("", "", [GENERAL_TOPIC], id="an empty story"),
        pytest.param("", FILL + "flood", [GENERAL_TOPIC], id="a word far down is not a topic"),
        pytest.param("vote", "water water", ["party"], id="a weak second topic is left out"),
        pytest.param("vote vote", "green green", ["party"], id="a title counts a term once"),
    ],
)
def test_topics_follow_the_terms(title, text, expected):
    """One to three topics, the strongest first; `general` alone where nothing fits."""
    assert topics_of(title, text) == expected


def test_fields_weigh_title_lead_body():
    """The same word is worth most in the title and least below the lead, and repeating it pays only a little."""
    scores = [
        SMALL.classify(title, text).topics[0].score
        for title, text in (
            ("flood", ""),
            ("", "flood flood " + FILL + "flood flood flood flood"),
            ("", "flood flood " + FILL),
            ("", "flood flood flood flood"),
        )
    ]
    assert scores[0] > scores[1] > scores[2] == scores[3] > 0


def test_a_score_is_the_share_of_full_points_where_nothing_was_learnt():
    """A title term of weight 2 has 8 points of the 12 that make a topic sure, one of weight 3 has all."""
    (water, sea) = SMALL.classify("flood", "").topics
    assert (water.score, water.primary, sea.primary) == (1.0, True, False)
    assert SMALL.classify("green light", "").topics[0].score == pytest.approx(8 / 12, abs=1e-4)


def test_a_strong_topic_is_named_beside_a_stronger_one():
    """Nine points make a topic even where another has several times as many."""
    text = "vote climate " + FILL
    strong = "flood sea level water " + "water flood sea level " * 2
    story = SMALL.classify("flood, sea level, water: the Greens", strong + text)
    assert "party" in [topic.id for topic in story.topics]


@pytest.mark.parametrize(
    ("title", "text", "is_relevant"),
    [
        pytest.param("Climate change", "", True, id="the subject in the title"),
        pytest.param("Drought", "", True, id="a weaker word in the title reaches the threshold"),
        pytest.param("News", "The climate changes in the team", False, id="a passing word in the lead"),
        pytest.param("News", "Flood and drought: the climate", True, id="three words in two sentences"),
        pytest.param("Title drought ends", "", False, id="an idiom of sport"),
        pytest.param("Climate of fear and drought", "", False, id="a negative takes its weight off the rest"),
        pytest.param("Political climate change", "", False, id="a negative that overlaps from the left"),
    ],
)
def test_the_gate_opens_at_its_threshold(title, text, is_relevant):
    """Relevance is 0.5 exactly there, and never negative."""
    story = SMALL.classify(title, text)
    assert story.is_relevant == is_relevant
    assert (story.relevance >= 0.5) == is_relevant
    assert 0 <= story.relevance < 1


def test_a_term_that_holds_a_negative_and_more_still_counts():
    """`warming up` cancels `warming`, but not the longer phrase around it."""
    taxonomy = parse_topics(
        "t.yaml",
        "version: 1\ngate: {threshold: 1, terms: {1: [global warming up close]}, negatives: {1: [warming up]}}\n"
        "topics: [{id: a, name: A, definition: A, terms: {1: [x]}}]\n",
    )
    assert [one.term for one in Classifier(taxonomy).classify("Global warming up close", "").evidence] == [
        "global warming up close"
    ]


def test_a_negative_within_a_longer_term_costs_nothing():
    """A town that is hit by storm was not taken by storm: nothing comes off the gate's points."""
    storm = REAL.classify("Climate: town hit by storm", "")
    assert storm.is_relevant
    assert storm.topics[0].id == "extreme-weather"
    assert not REAL.classify("Climate: town taken by storm", "").is_relevant


@pytest.mark.parametrize(
    ("idiom", "plain", "topic"),
    [
        ("Title drought ends for United", "Drought ends for farmers", "extreme-weather"),
        ("A new moon in our solar system", "A new solar roof on our system", "clean-energy"),
    ],
)
def test_the_words_of_a_negative_teach_no_topic(idiom: str, plain: str, topic: str):
    """What was learnt of them holds for their plain sense; the gate still hears of them."""
    assert topic in [one.id for one in REAL.classify(plain, "").topics]
    labels = REAL.classify(idiom, "")
    assert topic not in [one.id for one in labels.topics]
    assert not labels.is_relevant


def test_evidence_stands_where_it_says():
    """Offsets count code points, also behind characters of two units; what counted most is first."""
    title, text = "🌍 Redder flood", "İ🌊 The FLOODS rise. " + FILL + "a flood"
    story = SMALL.classify(title, text)
    marks = {
        (one.term, one.field, (title if one.field == "title" else text)[one.start : one.end], one.weight)
        for one in story.topics[0].evidence
        if one.kind == "term"
    }
    assert marks == {
        ("flood", "title", "flood", 3),
        ("flood", "lead", "FLOODS", 3),
        ("flood", "body", "flood", 3),
    }
    for evidence in (story.topics[0].evidence, story.evidence):
        assert [one.field for one in evidence if one.kind == "term"] == ["title", "lead", "body"]
    (colour,) = [topic for topic in story.topics if topic.id == "colour"]
    assert [one.term for one in colour.evidence] == ["red*"]


def test_the_publishers_tags_speak_without_a_place():
    """A term in a tag counts for the topic and the gate like half a title, and evidence names it."""
    story = SMALL.classify("News", "", feed_topics=["Greens", "climate change", "vote"])
    assert story.topics[0].id == "party"
    assert story.is_relevant
    assert {(one.term, one.field, one.kind, one.start, one.end) for one in story.topics[0].evidence} == {
        (term, "tags", "tag", 0, 0) for term in ("Greens", "climate", "vote")
    }


@pytest.mark.parametrize(
    ("tags", "url", "topics"),
    [
        pytest.param(["Tides"], None, ["sea"], id="a tag that the file knows"),
        pytest.param(["TIDE"], None, ["sea"], id="whatever its capitals and its plural"),
        pytest.param(["High tides"], None, [GENERAL_TOPIC], id="only as a whole"),
        pytest.param([], "https://one.example/news/2026/high-water/a-story", ["water"], id="a section of the address"),
        pytest.param([], "https://one.example/tides", [GENERAL_TOPIC], id="a story's own part is no section"),
        pytest.param([], "https://[one.example/tides/x", [GENERAL_TOPIC], id="an address that is none"),
    ],
)
def test_tags_and_sections_that_the_file_knows_count_as_in_the_title(tags, url, topics):
    """Both are looked up whole, and evidence names them."""
    story = TAGGED.classify("News", "", feed_topics=tags, url=url)
    assert [topic.id for topic in story.topics] == topics
    assert story.topics[0].score in {1.0, 0.0}
    assert [one.kind for one in story.topics[0].evidence] == ["tag"] * (topics != [GENERAL_TOPIC])
    assert [one.term for one in story.evidence] == (["tide"] if topics == ["sea"] else [])


def test_a_tag_counts_once_and_does_not_outweigh_what_a_story_says():
    """A publisher's slip, or a feed that repeats its tags, carries no label above the story's own."""
    wind = ("Wind farm opens off the coast", "Its turbines make power. Offshore wind grows.")
    once, often = (REAL.classify(*wind, feed_topics=["Coal"] * times) for times in (1, 20))
    assert once == often
    assert [topic.id for topic in once.topics][:1] == ["clean-energy"]
    assert not REAL.classify("Mayor opens a bakery", "It sells bread.", feed_topics=["Coal"]).is_relevant


def test_the_sentences_that_say_most_are_shown():
    """Two at most, the strongest first, whole and where they stand; an initial ends none."""
    text = "The water rose. Mr. J. Flood saw a flood! It was dry\nThe sea level and the water? No flood"
    (water, *_) = SMALL.classify("", text).topics
    shown = [text[one.start : one.end] for one in water.evidence if one.kind == "sentence"]
    assert (water.id, shown) == ("water", ["Mr. J. Flood saw a flood!", "The sea level and the water?"])


def test_a_weak_primary_asks_for_review():
    """So does a story that no topic fits; a clear one does not."""
    assert SMALL.classify("nothing", "").needs_review
    assert SMALL.classify("", "flood flood").needs_review
    assert not SMALL.classify("flood", "flood").needs_review


def test_a_story_without_end_is_read_only_so_far():
    """What stands behind the limit changes nothing."""
    far = "x " * READ_LENGTH
    assert SMALL.classify("vote", far + "flood " * 1000) == SMALL.classify("vote", far)
    assert SMALL.classify("", "y" * LEAD_LENGTH).topics[0].id == GENERAL_TOPIC


def test_the_version_names_taxonomy_terms_and_code():
    """It is the same for the same terms, and every label carries it."""
    assert SMALL.version.startswith("v3-")
    assert SMALL.version.split("-")[-1].isdecimal()
    assert SMALL.classify("flood", "").classifier_version == SMALL.version
    assert Classifier(load_topics(second_reader=False)).version == REAL.version != SMALL.version


def test_the_version_changes_with_each_of_its_parts():
    """Taxonomy, terms and weights: a label tells which of them judged."""
    installed = load_topics()
    assert installed.weights is not None
    others = [
        replace(installed, version=installed.version + 1),
        replace(installed, digest="0" * 64),
        replace(installed, weights=replace(installed.weights, digest="0" * 64)),
    ]
    assert len({REAL.version, *(Classifier(other).version for other in others)}) == 4


@pytest.mark.parametrize(
    ("title", "topic"),
    [
        pytest.param("Ola de calor y sequía: récord de temperatura en el sur", "extreme-weather", id="Spanish"),
        pytest.param("La transición energética avanza con energía solar y eólica", "clean-energy", id="Spanish energy"),
        pytest.param("Réchauffement climatique : la banquise recule encore", "science", id="French"),
        pytest.param("Canicule et incendies de forêt dans le Midi", "extreme-weather", id="French weather"),
        pytest.param("Klimagipfel: Streit um das Pariser Abkommen", "negotiations", id="German"),
        pytest.param("Braunkohle: der Kohleausstieg kommt früher", "fossil-fuels", id="German energy"),
        pytest.param("Desmatamento na Amazônia cai pela metade", "food-land", id="Portuguese"),
        pytest.param("Mudanças climáticas: enchentes no Sul", "extreme-weather", id="Portuguese weather"),
        pytest.param("应对气候变化：光伏和风电装机创新高", "clean-energy", id="Chinese"),
        pytest.param("台风过后洪水淹没村庄", "extreme-weather", id="Chinese weather"),
        pytest.param("地球温暖化で氷河が縮小、海面上昇が加速", "science", id="Japanese"),
    ],
)
def test_headlines_of_other_languages_pass_the_gate_and_get_their_topic(title, topic):
    """A reader's language does not decide whether a story is found."""
    story = REAL.classify(title, "")
    assert story.is_relevant
    assert story.topics[0].id == topic


@pytest.mark.parametrize(
    "title",
    [
        "Miami Heat storm to victory",
        "Striker ends his title drought",
        "Probe crosses the solar system",
        "The political climate before the vote",
        "Minister gives the green light to the stadium",
        "Carbon fibre frames for racing bikes",
        "Tributes flood in for the singer",
        "Landslide victory for the mayor",
    ],
)
def test_idioms_do_not_pass_the_gate(title):
    """Words of weather and climate are used for sport, politics and goods."""
    assert not REAL.classify(title, "").is_relevant
