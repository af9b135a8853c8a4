"""Reading saved pages: the story's text and what the page says about itself."""

from datetime import UTC, datetime

import pytest

from flows.steps.clean import content_hash
from flows.steps.extract import extract_page, read_page
from models.errors import BadResponse
from models.stages import Source
from tests.saved_pages import PARAGRAPHS, URL, article, extracted, json_ld, page


def test_the_text_is_the_article_in_paragraphs():
    """Paragraphs are parted by blank lines; navigation and footer are not in the text."""
    story = extracted()
    assert story.text.split("\n\n") == PARAGRAPHS
    assert story.html.count("<p>") == len(PARAGRAPHS)
    assert (story.source, story.method) == (Source.PAGE, "trafilatura")
    assert story.content_hash == content_hash(story.title, story.text)


@pytest.mark.parametrize(
    ("head", "body", "title"),
    [
        pytest.param(
            article(headline="Lake heat") + "<title>Lake heat for the valley - Valley Times</title>",
            "",
            "Lake heat",
            id="JSON-LD goes first",
        ),
        pytest.param(
            "<meta property='og:site_name' content='Valley Times'><title>Lake heat | Valley Times</title>",
            "",
            "Lake heat",
            id="the site's name is taken off the end",
        ),
        pytest.param(
            article(headline="Valley Times: lake - heat", publisher={"@type": "Organization", "name": "Valley Times"})
            + "<title>Valley Times | Lake - heat</title>",
            "",
            "Valley Times: lake - heat",
            id="a name within the headline stays",
        ),
        pytest.param(
            "<meta name='application-name' content='Valley Times'><title>Valley Times - Lake heat</title>",
            "",
            "Lake heat",
            id="the site's name is taken off the start",
        ),
        pytest.param(
            "<meta property='og:site_name' content='Valley Times'><meta property='og:title' content='Valley Times'>",
            "<h1>Lake heat</h1>",
            "Lake heat",
            id="the site's name is no headline",
        ),
        pytest.param(
            article(headline="The valley will heat its…"),
            "<h1>The valley will heat its homes from the lake</h1>",
            "The valley will heat its homes from the lake",
            id="a headline that was cut is found in full",
        ),
        pytest.param(article(headline="Wind &amp;amp; waves"), "", "Wind & waves", id="entities are resolved"),
        pytest.param("", "<h1>Lake <br>heat</h1>", "Lake heat", id="a lone h1 is the headline"),
        pytest.param("", "", "", id="a page without any headline has none"),
        pytest.param(
            "<meta property='og:title' content='Lake heat saves coal | News | valley.example'>",
            "<h1>Lake heat saves coal</h1>",
            "Lake heat saves coal",
            id="what stands behind the words of the h1 names section and site",
        ),
        pytest.param(
            "<meta property='og:title' content='Lake heat saves coal - and money, as a study of the town says'>",
            "<h1>Lake heat saves coal</h1>",
            "Lake heat saves coal - and money, as a study of the town says",
            id="the second half of a headline is no name",
        ),
        pytest.param(
            article(headline="Valley Times") + "<title>Lake heat saves coal | Valley Times</title>",
            "<h1>Lake heat saves coal</h1>",
            "Lake heat saves coal",
            id="a site's name in the headline's place",
        ),
        pytest.param(
            "",
            "<h1><a href='/'>Valley Times</a></h1><h1>Lake heat</h1>",
            "Lake heat",
            id="a site's name that leads home",
        ),
    ],
)
def test_the_title_is_the_headline(head, body, title):
    """The headline comes without the site's name, from the best place that has one."""
    assert extracted(head=head, body=body).title == title


@pytest.mark.parametrize(
    ("head", "authors"),
    [
        pytest.param(article(author={"@type": "Person", "name": "Ana Marsh"}), ("Ana Marsh",), id="one person"),
        pytest.param(
            article(author=["Ana Marsh", {"name": "Bo Lund (bol)"}]), ("Ana Marsh", "Bo Lund"), id="several forms"
        ),
        pytest.param(article(author="By Ana Marsh and Bo Lund"), ("Ana Marsh", "Bo Lund"), id="a byline"),
        pytest.param(article(author={"givenName": "Ana", "familyName": "Marsh"}), ("Ana Marsh",), id="a name in parts"),
        pytest.param(
            json_ld({"@graph": [{"@type": "Article", "author": {"@id": "#a"}}, {"@id": "#a", "name": "Ana Marsh"}]}),
            ("Ana Marsh",),
            id="a reference",
        ),
        pytest.param(
            article(author={"name": "Valley Times"}, publisher={"name": "Valley Times"})
            + "<meta name='author' content='Ana Marsh'>",
            ("Ana Marsh",),
            id="a person goes before the site's own name",
        ),
        pytest.param(
            article(author={"name": "Valley Times"}, publisher={"name": "Valley Times"}),
            ("Valley Times",),
            id="the site alone",
        ),
        pytest.param(
            "<meta property='article:author' content='https://a.example/b'><meta name='author' content='Ana Marsh'>",
            ("Ana Marsh",),
            id="an address is no name",
        ),
        pytest.param(article(author=[7, None]), (), id="nonsense"),
        pytest.param(
            article(author=[["Ana Marsh"], {"name": "Bo Lund"}]), ("Ana Marsh", "Bo Lund"), id="lists in a list"
        ),
        pytest.param(article(author=["Ana Marsh", "ANA MARSH"]), ("Ana Marsh",), id="one in two spellings"),
        pytest.param(
            article(author="Ana Marsh ana.marsh@news.example @anamarsh"), ("Ana Marsh",), id="an address and a handle"
        ),
        pytest.param(
            "<meta property='og:site_name' content='The Lake'><meta name='author' content='Ana Marsh - The Lake'>",
            ("Ana Marsh",),
            id="the site behind a name",
        ),
        pytest.param("<meta name='author' content='admin'>", (), id="a placeholder"),
    ],
)
def test_authors_are_names(head, authors):
    """Each author is a name by itself."""
    assert extracted(head=head).authors == authors


@pytest.mark.parametrize(
    ("byline", "authors"),
    [
        (
            "<p class='by'>By <a rel='author' href='/a'>Ana Marsh</a> and <a rel='author' href='/b'>Bo Lund</a></p>",
            ("Ana Marsh", "Bo Lund"),
        ),
        (
            "<div class='author'><a href='/a'>Ana Marsh</a><span>Reporter</span><a href='https://x.example'>Follow</a></div>",
            ("Ana Marsh",),
        ),
        ("<div class='author-bio'><h4>Ana Marsh</h4><p>Ana Marsh writes about lakes and their towns.</p></div>", ()),
    ],
    ids=["links of a byline", "a role and a button beside it", "what somebody does"],
)
def test_authors_are_the_names_that_a_byline_shows(byline, authors):
    """Where nothing is declared the links below the headline name them, and no sentence does."""
    assert extracted(body=f"<h1>Lake heat</h1>{byline}").authors == authors


@pytest.mark.parametrize(
    ("head", "published", "at"),
    [
        pytest.param(
            article(datePublished="2031-05-02T00:30:00+02:00"),
            "2031-05-02T00:30:00+02:00",
            datetime(2031, 5, 1, 22, 30, tzinfo=UTC),
            id="the publisher's zone is kept beside UTC",
        ),
        pytest.param(
            article(datePublished="2031-05-02"), "2031-05-02", datetime(2031, 5, 2, tzinfo=UTC), id="a day is a day"
        ),
        pytest.param(
            "<meta property='article:published_time' content='2031-05-02T10:00:00Z'>",
            "2031-05-02T10:00:00+00:00",
            datetime(2031, 5, 2, 10, tzinfo=UTC),
            id="a meta tag",
        ),
        pytest.param(
            article(datePublished="2031-05-02 10:00") + "<meta name='date' content='2030-01-01'>",
            "2031-05-02T10:00:00",
            datetime(2031, 5, 2, 10, tzinfo=UTC),
            id="a moment without a zone is read as UTC",
        ),
        pytest.param(
            article(datePublished="May 2, 2031 10:00 GMT"),
            "2031-05-02T10:00:00+00:00",
            datetime(2031, 5, 2, 10, tzinfo=UTC),
            id="a date in words",
        ),
        pytest.param(
            article(datePublished="2031-99-99") + "<meta itemprop='datePublished' content='2031-05-02'>",
            "2031-05-02",
            datetime(2031, 5, 2, tzinfo=UTC),
            id="an impossible date gives way to the next",
        ),
        pytest.param(article(datePublished="1970-01-01"), None, None, id="a placeholder is no date"),
    ],
)
def test_dates_are_moments_in_utc_and_as_written(head, published, at):
    """A story's date is in UTC, and the reading keeps the publisher's own."""
    reading = read_page(page(head=head), url="https://news.example/lake")
    assert (reading.published, reading.story.published_at) == (published, at)
    assert reading.is_zone_assumed is (at is not None and "+" not in published)


@pytest.mark.parametrize(
    ("value", "is_paywalled"),
    [(False, True), ("False", True), ("no", True), (True, False), ("true", False), (None, False)],
)
def test_a_page_says_whether_it_is_free(value, is_paywalled):
    """The page's isAccessibleForFree decides, whatever its form; a paywalled page is believed by half at most."""
    story = extracted(head=article(headline="Lake heat", isAccessibleForFree=value, datePublished="2031-05-02"))
    assert story.is_paywalled is is_paywalled
    assert story.confidence == (0.5 if is_paywalled else 0.9)


@pytest.mark.parametrize(
    ("head", "canonical", "url"),
    [
        ("<link rel='canonical' href='/lake'>", "https://news.example/lake", "https://news.example/lake"),
        ("<link rel='CANONICAL nofollow' href='https://a.example/b'>", "https://a.example/b", "https://a.example/b"),
        ("<link rel='canonical' href='javascript:x'>", None, None),
        ("<meta property='og:url' content='https://a.example/b'>", None, "https://a.example/b"),
        ("", None, None),
    ],
)
def test_a_page_names_its_own_address(head, canonical, url):
    """Only rel=canonical is the canonical address; og:url serves where nothing else is known."""
    reading = read_page(page(head=head), url=URL)
    assert (reading.story.canonical_url, reading.url) == (canonical, url)


@pytest.mark.parametrize(
    ("block", "title"),
    [
        ("<!-- {'@type': 1} -->", ""),
        ('{"@type": "NewsArticle", "headline": "Lake\nheat",}', "Lake heat"),
        ('<![CDATA[{"@type": ["Thing", "http://schema.org/BlogPosting"], "headline": "Lake heat"}]]>', "Lake heat"),
        ('[{"mainEntity": {"@type": "ReportageNewsArticle", "headline": "Lake heat"}}];', "Lake heat"),
        ('{"@type": "Person"}, {"@type": "Article", "headline": "Lake heat"} and more', "Lake heat"),
        ("{&quot;@type&quot;: &quot;Article&quot;, &quot;headline&quot;: &quot;Lake heat&quot;}", "Lake heat"),
        ("[" * 100_000, ""),
        ('"a string"', ""),
    ],
    ids=[
        "no JSON",
        "a trailing comma and a bare line end",
        "in CDATA, with types",
        "nested",
        "two",
        "escaped",
        "endless",
        "no object",
    ],
)
def test_json_ld_is_read_as_sites_write_it(block, title):
    """Nearly well-formed JSON-LD is read, the rest passed over."""
    assert extracted(head=json_ld(block)).title == title


def test_a_headline_on_top_of_the_text_is_not_said_twice():
    """The article's own h1 is its title, and no paragraph of it."""
    story = extracted(body="<h1>Lake heat</h1>", head="<title>Lake heat!</title>")
    assert story.text.split("\n\n") == PARAGRAPHS
    assert "<h1>" not in story.html


def test_a_site_that_names_itself_in_every_headline_keeps_its_name():
    """A page whose only headline is the site's name is called by it."""
    head = "<meta property='og:site_name' content='Lake'><title>Lake</title>"
    assert extracted(head=head).title == "Lake"


def test_an_article_with_a_headline_goes_before_a_teaser():
    """Of several articles on a page the one that tells most is the page's own."""
    teaser, own = {"@type": "Article", "name": "x"}, {"@type": "Article", "headline": "Lake heat"}
    assert extracted(head=json_ld([teaser, own])).title == "Lake heat"


@pytest.mark.parametrize(
    ("encoding", "charset", "content_type"),
    [
        pytest.param("utf-8", "iso-8859-1", "text/html; charset=iso-8859-1", id="UTF-8 that is called something else"),
        pytest.param("cp1252", "iso-8859-1", "", id="an old encoding by its meta tag"),
        pytest.param("cp1252", "utf-8", "text/html; charset=windows-1252", id="the header goes before the meta tag"),
        pytest.param("utf-16", "utf-8", "", id="a byte order mark"),
    ],
)
def test_the_encoding_is_found(encoding, charset, content_type):
    """Accents and quotes come out as they were written."""
    paragraphs = [f"“Wärme für Zürich” — {text}" for text in PARAGRAPHS]
    html = page(paragraphs=paragraphs).decode().replace("charset='utf-8'", f"charset='{charset}'")
    assert extract_page(html.encode(encoding), url=URL, content_type=content_type).text.split("\n\n") == paragraphs


@pytest.mark.parametrize(
    ("head", "lang", "language"),
    [
        ("", "en-GB", "en-GB"),
        (article(inLanguage="en"), "", "en"),
        ("<meta property='og:locale' content='en_US'>", "", "en-US"),
        ("", "", "en"),
        ("", "zh", "en"),
    ],
    ids=["html lang", "JSON-LD", "og:locale", "its words", "an impossible one"],
)
def test_the_language_is_declared_or_seen(head, lang, language):
    """The page's declarations go in order; where none is possible its words tell."""
    assert extracted(head=head, lang=lang).language == language


@pytest.mark.parametrize(
    ("html", "confidence"),
    [
        pytest.param(page(paragraphs=["A short note on the lake and its pump."]), 0.3, id="any text"),
        pytest.param(page(), 0.6, id="long enough for a story"),
        pytest.param(page(paragraphs=PARAGRAPHS * 3), 0.7, id="long"),
        pytest.param(
            page(paragraphs=PARAGRAPHS * 3, head=article(headline="Lake", datePublished="2031-05-02")),
            1.0,
            id="all there",
        ),
    ],
)
def test_confidence_is_the_sum_of_what_speaks_for_the_text(html, confidence):
    """Length, title and date each add their part."""
    assert extract_page(html, url="https://news.example/lake").confidence == confidence


@pytest.mark.parametrize("tag", ["div", "b", "ul"])
def test_depth_does_not_hurt(tag):
    """A hundred thousand levels give an answer and no crash."""
    story = extract_page(f"<html><body>{f'<{tag}>' * 100_000}<p>deep</p>".encode(), url=URL)
    assert story.method in {"none", "trafilatura"}


def test_a_page_without_a_story_gives_none():
    """No text means the method none and no confidence."""
    story = extract_page(b"<html><head><title>Gate</title></head><body><script>x</script></body></html>", url=None)
    assert (story.text, story.html, story.method, story.confidence) == ("", "", "none", 0.0)
    assert story.title == "Gate"


@pytest.mark.parametrize("body", [b"", b"  \n", b"just words"])
def test_what_is_no_html_is_refused(body):
    """A body without HTML is a bad response."""
    with pytest.raises(BadResponse, match="no HTML"):
        extract_page(body, url=URL)
