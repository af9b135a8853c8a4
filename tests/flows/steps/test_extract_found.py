"""Pages as the web has them: what public reports of other extractors were about, each with the right value."""

from datetime import UTC, datetime

import pytest

from flows.steps.extract import extract_page, read_page
from tests.saved_pages import PARAGRAPHS, URL, article, extracted, json_ld, page

CITED: dict[str, object] = {
    "@type": "ScholarlyArticle",
    "headline": "Heat budgets of deep lakes",
    "datePublished": "2014-05-05",
}
CITED |= {"author": {"@type": "Person", "name": "P. Rofessor"}}
OWN: dict[str, object] = {"@type": "NewsArticle", "headline": "Lake heat for the valley", "author": "Ana Marsh"}
TITLE = "<title>Lake heat for the valley - Valley Times</title>"


@pytest.mark.parametrize(
    "value",
    [
        pytest.param([OWN | {"citation": CITED}], id="a cited study"),
        pytest.param([OWN | {"isBasedOn": CITED, "mentions": [CITED]}], id="what it is based on"),
        pytest.param([CITED, OWN], id="a study of its own beside it"),
        pytest.param(
            [OWN | {"@type": "LiveBlogPosting", "liveBlogUpdate": [CITED | {"@type": "BlogPosting"}]}],
            id="an update of live coverage",
        ),
        pytest.param(
            [{"@type": "ClaimReview", "itemReviewed": {"@type": "Claim", "appearance": CITED}}, OWN],
            id="a checked claim",
        ),
        pytest.param(
            [{"@type": "ItemList", "itemListElement": [{"@type": "ListItem", "item": CITED}]}, OWN], id="a carousel"
        ),
        pytest.param([OWN, CITED | {"url": "https://news.example/2014/other"}], id="another address"),
        pytest.param(
            [OWN, CITED | {"headline": "Lake heat in the valley: what fish do", "url": "https://journal.example/1"}],
            id="a study elsewhere whose headline has the page's words",
        ),
        pytest.param({"@type": "WebPage", "mainEntity": OWN, "hasPart": [CITED]}, id="a part of the page"),
    ],
)
def test_json_ld_of_another_article_never_names_the_story(value):
    """The object must agree with the page's address or title."""
    story = extracted(head=json_ld(value) + TITLE)
    assert (story.title, story.authors, story.published_at) == ("Lake heat for the valley", ("Ana Marsh",), None)


def test_json_ld_that_names_this_address_may_bear_another_headline():
    """An address is as good a witness as a title."""
    value = {"@type": "Article", "url": URL, "headline": "How a cold lake warms", "datePublished": "2026-03-04"}
    assert extracted(head=json_ld(value) + TITLE).published_at == datetime(2026, 3, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "headline",
    [["Lake heat"], {"@value": "Lake heat"}, 2050, None, [], {}, [[1]], True, {"@value": 7}],
    ids=str,
)
@pytest.mark.parametrize("field", ["headline", "author", "datePublished", "articleBody", "@type", "description"])
def test_no_value_of_json_ld_costs_a_page(field, headline):
    """Whatever stands in a field, the page is read."""
    head = json_ld({"@context": "https://schema.org", "@type": "NewsArticle", "headline": "Lake heat", field: headline})
    story = extracted(head=head + "<title>Lake heat</title>")
    assert story.text.split("\n\n") == PARAGRAPHS
    assert story.title == "Lake heat"


@pytest.mark.parametrize(
    ("head", "body", "published", "confidence"),
    [
        pytest.param(
            "",
            "<p>By Ana • <time datetime='2026-03-04T23:30:00-05:00'>4 March</time></p>",
            "2026-03-04T23:30:00-05:00",
            0.8,
            id="a time beside the headline",
        ),
        pytest.param(
            "",
            "<time class='published updated' datetime='2026-03-04T10:00Z'>x</time>",
            "2026-03-04T10:00:00+00:00",
            0.8,
            id="published and updated in one",
        ),
        pytest.param("", "<span class='post-date'>4 March 2026</span>", "2026-03-04", 0.8, id="a dateline in words"),
        pytest.param(
            "<meta name='pubdate' content='20260304T233000-0500'>",
            "",
            "2026-03-04T23:30:00-05:00",
            1.0,
            id="compact ISO",
        ),
        pytest.param("<meta name='date' content='20260304'>", "", "2026-03-04", 1.0, id="a compact day"),
        pytest.param(
            "<meta property='article:published_time' content='2026-03-04T23:30Z'>",
            "",
            "2026-03-04T23:30:00+00:00",
            1.0,
            id="minutes",
        ),
        pytest.param(
            "", "<p>Updated <time datetime='2026-03-04'>4 March 2026</time></p>", None, 0.0, id="a modification"
        ),
        pytest.param(
            "<meta property='article:modified_time' content='2026-03-04'>", "", None, 0.0, id="a modified tag"
        ),
        pytest.param("<meta name='expires' content='2026-03-04'>", "", None, 0.0, id="an expiry"),
        pytest.param(
            "",
            "<p>The talks open on <time datetime='2026-11-10'>10 November</time>, said the hosts of the town.</p>",
            None,
            0.0,
            id="a time in a sentence",
        ),
        pytest.param(
            "",
            "<p>The storm of 14 November 2013 was the highest in a generation, and the dike held.</p>",
            None,
            0.0,
            id="a day in a sentence",
        ),
        pytest.param("", "<img src='/img/2019/11/05/lake.jpg'>", None, 0.0, id="a picture's path"),
        pytest.param("", "<div>© 2019 Valley Times</div>", None, 0.0, id="a copyright"),
        pytest.param("", "<div>© 12 May 2019 Valley Times</div>", None, 0.0, id="a copyright with its day"),
        pytest.param("", "<p>The flood of 3 May 2018 was bad.</p>", None, 0.0, id="a day in a short sentence"),
        pytest.param("", "<div class='date'>Stand: 4. März 2026</div>", None, 0.0, id="a modification in German"),
        pytest.param("", "<div class='date'>Última actualización: 2026-03-04</div>", None, 0.0, id="and in Spanish"),
        pytest.param(
            "<meta property='og:image' content='https://news.example/2019/05/06/lake.jpg'>",
            "",
            None,
            0.0,
            id="the path of the picture to share",
        ),
        pytest.param(
            "",
            "</article><header><p class='today'><time datetime='2026-11-29'>29 May</time></p></header><article>",
            None,
            0.0,
            id="the day of today in the site's head",
        ),
        pytest.param(
            "",
            "</article><section id='comments'><article><time datetime='2025-01-05T10:00Z'>5 January</time><p>Hm.</p></article></section><article>",  # noqa: E501
            None,
            0.0,
            id="a comment",
        ),
        pytest.param(
            "<link rel='canonical' href='https://news.example/2026/03/04/lake'>",
            "",
            "2026-03-04",
            0.5,
            id="an address, as a guess",
        ),
        pytest.param(
            "",
            "<div class='meta'>Published 4 March 2026 · Updated 5 March 2026</div>",
            "2026-03-04",
            0.8,
            id="both days in one line",
        ),
        pytest.param(
            "",
            "<div class='meta'>Updated 5 March 2026 | Published 4 March 2026</div>",
            "2026-03-04",
            0.8,
            id="the change before the publication",
        ),
        pytest.param(
            "",
            "<p><time class='updated' datetime='2026-03-05'>Updated 5 March</time> "
            "<time class='published' datetime='2026-03-04'>4 March</time></p>",
            "2026-03-04",
            0.8,
            id="a time behind that of the change",
        ),
        pytest.param("", "<p class='date'>12 May 2019 © Valley Times</p>", None, 0.0, id="a copyright behind its day"),
        pytest.param("", "<p>Posted on March 4, 2026 by Ana Marsh</p>", "2026-03-04", 0.8, id="by its label alone"),
        pytest.param("", "<p class='date'>4 March 2026 | 10:15</p>", "2026-03-04T10:15:00", 0.8, id="a day and a time"),
        pytest.param(
            "",
            f"<p>{PARAGRAPHS[0]}</p><p>Published 12 May 2016 by Penguin</p>",
            "2016-05-12",
            0.3,
            id="a label within the text, as a guess",
        ),
        pytest.param(
            article(datePublished=1772618400000), "", "2026-03-04T10:00:00+00:00", 1.0, id="milliseconds since 1970"
        ),
    ],
)
def test_a_date_is_declared_or_shown_or_marked_as_a_guess(head, body, published, confidence):
    """A day that is only mentioned is no date; a guess dates no story."""
    reading = read_page(page(head=head, body=f"<h1>Lake heat</h1>{body}"), url="https://news.example/lake")
    assert (reading.published, reading.published_confidence) == (published, confidence)
    assert (reading.story.published_at is not None) is (confidence >= 0.8)


@pytest.mark.parametrize(
    ("lang", "written", "published"),
    [
        ("fr", "03/04/2026", "2026-04-03"),
        ("en-GB", "03/04/2026 10:15", "2026-04-03T10:15:00"),
        ("en-US", "03/04/2026 10:15 CET", "2026-03-04T09:15:00+00:00"),
        ("en", "03/04/2026", None),
        ("ru", "4 марта 2026, 10:15", "2026-03-04T10:15:00"),
    ],
)
def test_a_shown_date_is_read_in_the_order_of_the_pages_language(lang, written, published):
    """Where the language has no one order the date is unknown; a time without a zone is marked."""
    reading = read_page(
        page(lang=lang, body=f"<h1>Lake heat</h1><p><time>{written}</time></p>"), url="https://a.test/x"
    )
    assert (reading.published, reading.is_zone_assumed) == (published, bool(published) and "+" not in published)


def test_a_date_after_the_reading_is_none_and_a_modification_is_kept_apart():
    """What was there to be read was published before."""
    body = page(head=article(headline="Lake", datePublished="2031-09-09T10:00Z", dateModified="2026-03-05"))
    reading = read_page(body, url=URL.replace("/2031/05", ""), not_after=datetime(2026, 11, 1, tzinfo=UTC))
    assert (reading.published, reading.modified) == (None, "2026-03-05")


@pytest.mark.parametrize(
    ("sentence", "text"),
    [
        ("It opens on <time datetime='2026-11-10'>10 May</time> and ends on <time>21 May</time>, they say.",) * 2,
        ("The sum of <output>12</output> and <label>three</label> is what the town owes.",) * 2,
        (
            "The warden said <q>we have no time</q> and named <code>dike.nc</code> as the file.",
            "The warden said “we have no time” and named dike.nc as the file.",
        ),
        (
            "She said <q>he told me <q>no</q> twice</q> on Monday, he added.",
            "She said “he told me ‘no’ twice” on Monday, he added.",
        ),
        (
            "The clay weighs 10<sup>6</sup> t of CO<sub>2</sub> a m<sup>2</sup>, since 1850<sup>3</sup>.",
            "The clay weighs 10⁶ t of CO2 a m², since 1850³.",
        ),
        (
            "The clay weighs 10<span style='vertical-align:super'>6</span> t, as <span style='top:0'>he</span> said.",
            "The clay weighs 10⁶ t, as he said.",
        ),
        (
            "On the 1<sup>er</sup> of May, M<sup>me</sup> Lac, H<sub>2</sub>O and 10<sup>-3</sup>, they say.",
            "On the 1er of May, Mme Lac, H2O and 10⁻³, they say.",
        ),
        (
            "It was 37<sup>o</sup>C, 38<sup>0</sup> F, 10<sup>0</sup> g, at 52<sup>o</sup> N, 1<sup>o</sup> of May.",
            "It was 37°C, 38° F, 10⁰ g, at 52° N, 1º of May.",
        ),
        (
            "It fell by <del>5</del><ins>7</ins> percent, or by <ins>8</ins><s>9</s>, they <strike>say</strike>.",
            "It fell by 5 7 percent, or by 8 9, they say.",
        ),
        (
            "About <math><mfrac><mn>1</mn><mn>3</mn></mfrac></math> of the "
            "<math><msub><mi>CO</mi><mn>2</mn></msub><annotation>x</annotation></math> stays in the air, they say.",
            "About 1/3 of the CO2 stays in the air, they say.",
        ),
        (
            "The <abbr>EU</abbr>, <dfn>heat</dfn>, <kbd>x</kbd>, <samp>y</samp>, <data>z</data> and <bdi>w</bdi> stay here.",  # noqa: E501
        )
        * 2,
    ],
)
def test_words_stay_in_their_sentence(sentence, text):
    """Inline tags part no sentence and take no word."""
    story = extract_page(page(paragraphs=[*PARAGRAPHS[:2], sentence, PARAGRAPHS[3]]), url=URL)
    if sentence == text:  # only the tags go
        text = "".join(part.partition(">")[2] if ">" in part else part for part in sentence.split("<"))
    assert story.text.split("\n\n")[2] == text


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ("<ul><li>Open from <time>10 May</time> on for all</li><li>Fish</li></ul>", "- Open from 10 May on for all"),
        ("<ul><li>The <output>twelve</output> boats came home</li><li>Fish</li></ul>", "- The twelve boats came home"),
        ("<h3>What happened on <time>10 May</time> in the town</h3>", "What happened on 10 May in the town"),
        (
            "<ul><li>What is on <a href='/b'>the isle</a> <time>9 May</time></li><li>Fish</li></ul>",
            "- What is on the isle",
        ),
    ],
)
def test_words_stay_in_items_and_subheads(block, text):
    """What has no full stop at its end is a sentence where words go on around the tag; a link's day is none."""
    story = extract_page(page(paragraphs=[*PARAGRAPHS[:2], block, *PARAGRAPHS[2:]]), url=URL)
    assert text in story.text.splitlines()
    assert "9 May" not in story.text


def test_a_list_in_a_cell_is_kept():
    """The items of a cell follow each other in it."""
    row = "<tr><td>Spring</td><td>First <ul><li>clay<ol><li>by ship</li></ol></li><li>a road</li></ul></td></tr>"
    table = f"<table><tr><th>Phase</th><th>Work</th></tr>{row}</table>"
    text = extract_page(page(paragraphs=[*PARAGRAPHS, table]), url=URL).text
    assert "Spring | First clay; by ship; a road" in text


@pytest.mark.parametrize(
    "container",
    [
        "div class='article-body'",
        "div class='story-body'",
        "div itemprop='articleBody'",
        "section class='c-rich-text part-{}'",
        "article class='part'",
        "article",
    ],
)
@pytest.mark.parametrize("between", ["<div class='ad'>Advertisement</div>", "<aside><p>Also here</p></aside>"])
def test_an_article_in_two_containers_is_read_whole(container, between):
    """What stands between two halves does not end the story."""
    tag, halves = container.split()[0], (PARAGRAPHS * 2)[:4]
    parts = [
        f"<{container.format(at)}>{''.join(f'<p>{p}</p>' for p in half)}</{tag}>"
        for at, half in enumerate((halves[:2], halves[2:]))
    ]
    body = f"<html><body><main><h1>Lake heat</h1>{parts[0]}{between}{parts[1]}</main></body></html>".encode()
    assert extract_page(body, url=URL).text.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize("tag", ["article", "div class='article-body'"])
def test_a_subhead_between_two_containers_is_kept(tag):
    """It stands where the page has it."""
    halves = (PARAGRAPHS, [f"On the other shore they say: {line}" for line in PARAGRAPHS])
    one, other = ("".join(f"<p>{line}</p>" for line in half) for half in halves)
    parts = f"<{tag}>{one}</{tag.split()[0]}><h2>What comes next</h2><{tag}>{other}</{tag.split()[0]}>"
    body = f"<html><body><main><h1>Lake heat</h1>{parts}</main></body></html>".encode()
    assert extract_page(body, url=URL).text.split("\n\n")[4] == "What comes next"


def test_another_article_on_the_page_is_not_joined():
    """A container behind another headline is another story."""
    other = "<div><h2><a href='/b'>Other</a></h2><div class='article-body'><p>{}</p><p>{}</p></div></div>".format(
        *["Nothing of it is wanted here, though it is long enough to be taken."] * 2
    )
    own = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS)
    body = f"<html><body><main><div><h1>Lake heat</h1><div class='article-body'>{own}</div></div>{other}</main></body></html>"  # noqa: E501
    assert extract_page(body.encode(), url=URL).text.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize(
    "lead",
    [
        "<div class='hero'><h1>Lake heat</h1><p class='intro'>{}</p></div>",
        "<header><h1>Lake heat</h1><p>{}</p></header>",
        "<h1>Lake heat</h1><div class='article__standfirst'>{}</div>",
        "<h1>Lake heat</h1><h2 class='subtitle'>{}</h2>",
        "<div class='hero'><h1>Lake heat</h1><h2>{}</h2></div>",
        "<h1>Lake heat</h1><div class='entradilla'><p>{}</p></div>",
        "<div class='art-top'><h1>Lake heat</h1><div class='sottotitolo'>{}</div></div>",
        "<section class='intro'><h1>Lake heat</h1><p>{}</p></section>",
        "<h1>Lake heat</h1><p><strong>{}</strong></p>",
    ],
)
def test_a_standfirst_outside_of_the_article_is_kept(lead):
    """It opens the text, once."""
    own = "".join(f"<p>{paragraph}</p>" for paragraph in PARAGRAPHS[1:])
    body = f"<html><body><main>{lead.format(PARAGRAPHS[0])}<article>{own}</article></main></body></html>"
    assert extract_page(body.encode(), url=URL).text.split("\n\n") == PARAGRAPHS


@pytest.mark.parametrize(
    ("byline", "lang", "authors"),
    [
        (
            "By <a href='/a'>Anna Dijkstra</a>, Seán Ó Murchú and <b>Bram Vos</b>",
            "en",
            ("Anna Dijkstra", "Seán Ó Murchú", "Bram Vos"),
        ),
        ("By Anna Dijkstra, Climate Correspondent", "en", ("Anna Dijkstra",)),
        ("Anna Dijkstra, Senior Reporter, and Bram Vos, energy editor", "en", ("Anna Dijkstra", "Bram Vos")),
        ("Anna Dijkstra / Bram Vos", "en", ("Anna Dijkstra", "Bram Vos")),
        ("王小明、李华", "zh", ("王小明", "李华")),
        ("Robert Smith, Jr., PhD", "en", ("Robert Smith Jr.",)),
        ("Dr. Ana Marsh, Ph.D.", "en", ("Ana Marsh",)),
        ("Par Ek", "sv", ("Par Ek",)),
        ("Par Anna Lac", "fr", ("Anna Lac",)),
        ("Di Wu", "en", ("Di Wu",)),
        ("von der Heide", "de", ("von der Heide",)),
        ("Von Anna von der Heide und Jo Ek", "de", ("Anna von der Heide", "Jo Ek")),
        ("Ana Marsh y Bo Lund", "es", ("Ana Marsh", "Bo Lund")),
        ("José Ortega y Gasset", "es", ("José Ortega y Gasset",)),
        ("Santiago Ramón y Cajal y Ana Ruiz", "es", ("Santiago Ramón y Cajal", "Ana Ruiz")),
        ("Antoni Gaudí i Cornet", "ca", ("Antoni Gaudí i Cornet",)),
        ("Anna Nowak i Jan Kowalski", "pl", ("Anna Nowak", "Jan Kowalski")),
        ("Ayşe Yılmaz ve Şule Demir", "tr", ("Ayşe Yılmaz", "Şule Demir")),
        ("Nagy Anna és Kis Péter", "hu", ("Nagy Anna", "Kis Péter")),
        ("BY ANNA DIJKSTRA AND BRAM VOS", "en", ("ANNA DIJKSTRA", "BRAM VOS")),
        ("Anna Dijkstra in Port Lowen and Bram Vos", "en", ("Anna Dijkstra", "Bram Vos")),
        ("Anna Ek, Umweltredakteurin, und Bo Lund, Korrespondent in Brüssel", "de", ("Anna Ek", "Bo Lund")),
        ("作者：王小明 李华", "zh", ("王小明", "李华")),
        ("김철수 기자", "ko", ("김철수",)),
        ("ジョン・スミス", "ja", ("ジョン・スミス",)),
        ("Geschrieben von Anna Dijkstra", "de", ("Anna Dijkstra",)),
        ("Skrevet af Anna Jensen", "da", ("Anna Jensen",)),
        ("Szerző: Kovács Anna", "hu", ("Kovács Anna",)),
        ("Yazan: Ayşe Yılmaz", "tr", ("Ayşe Yılmaz",)),
        ("بقلم: أحمد علي", "ar", ("أحمد علي",)),
        ("Tekst: Ola Nordmann Foto: Kari Nordmann", "no", ("Ola Nordmann",)),
        ("By Anna Dijkstra | Edited by: Bram Vos", "en", ("Anna Dijkstra",)),
        ("記者王小明／台北報導", "zh", ("王小明",)),
        ("Bai Li", "en", ("Bai Li",)),
        ("Oleh Bild", "uk", ("Oleh Bild",)),
        ("Teksti Foto", "en", ("Teksti Foto",)),
        ("Ursula von der Leyen", "en", ("Ursula von der Leyen",)),
    ],
)
def test_bylines_are_whole_names(byline, lang, authors):
    """Names stay whole, and neither roles nor degrees are people."""
    assert extracted(head=article(author=byline), lang=lang).authors == authors


FREE = {"@type": "NewsArticle", "headline": "Lake heat"}
LOCK = {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".barrier"}


@pytest.mark.parametrize(
    ("head", "is_paywalled"),
    [
        (json_ld(FREE | {"isAccessibleForFree": "http://schema.org/False"}), True),
        (json_ld(FREE | {"isAccessibleForFree": {"@id": "schema:False"}}), True),
        (json_ld(FREE | {"hasPart": LOCK}), True),
        (json_ld(FREE | {"hasPart": [{"@type": "WebPageElement"}, LOCK]}), True),
        (json_ld({"@graph": [FREE, {"@type": "WebPage", "isAccessibleForFree": False}]}), True),
        (json_ld(FREE) + json_ld(LOCK), True),
        (json_ld(FREE) + "<meta property='article:content_tier' content='locked'>", True),
        (json_ld(FREE) + "<meta itemprop='isAccessibleForFree' content='false'>", True),
        (json_ld(FREE) + "<meta property='article:content_tier' content='metered'>", False),
        (json_ld(FREE | {"isAccessibleForFree": True}), False),
        (json_ld([FREE, {"@type": "ItemList", "itemListElement": [FREE | {"headline": "x", **LOCK}]}]), False),
    ],
)
def test_marks_of_a_paywall_are_found_wherever_they_stand(head, is_paywalled):
    """In the article, its parts, the page around it and the meta tags, but not in what the page lists of others."""
    assert extracted(head=head).is_paywalled is is_paywalled


@pytest.mark.parametrize("text", ["温室气体排放量下降，发言人说", "Sécheresse à Nîmes où l’été"])
def test_utf_8_with_one_cut_character_stays_utf_8(text):
    """Of a page whose description was cut within a character only that is lost."""
    html = page(head=f"<meta name='description' content='{text}'>", paragraphs=[text, *PARAGRAPHS]).decode()
    body = html.replace("charset='utf-8'", "").encode()
    cut = body.index(text.encode()) + len(text.encode()) - 1
    if text.isascii() or body[cut] < 0x80:
        cut = body.index("é".encode()) + 1
    assert text in extract_page(body[:cut] + body[cut + 1 :], url=URL).text


def test_a_consent_layer_beside_the_article_is_not_its_text():
    """What the layer says is dropped where its name and its words say what it is."""
    consent = (
        "We and our 214 partners store and access information on a device, such as cookies, to process personal data."
    )
    body = (
        "<div class='privacy-layer'>"
        + f"<p>{consent} You may manage your choices in the privacy policy.</p>" * 6
        + "</div>"
    )
    assert "partners" not in extracted(head="<title>Lake</title>", body=body).text


@pytest.mark.parametrize("encoding", ["cp1252", "iso-8859-1"])
def test_a_page_that_says_utf_8_and_is_not_is_read_all_the_same(encoding):
    """What the bytes are goes before what they are said to be."""
    said = "Überflutungen an der Küste häufen sich, sagt die Behörde für Gewässer am späten Montagabend in Köln."
    body = page(paragraphs=[said, *PARAGRAPHS]).decode().encode(encoding)
    assert said in extract_page(body, url=URL, content_type="text/html; charset=utf-8").text
