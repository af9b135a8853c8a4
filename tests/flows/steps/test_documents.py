"""Reading documents for import: text files of several stories, and saved pages."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.steps.clean import clean_entry
from flows.steps.documents import read_documents
from flows.steps.text.digest import entry_digest
from models.errors import BadResponse
from models.stages import Entry

TWO_STORIES = """The valley will heat its homes with water from the lake.
“It costs no more than gas,” said the mayor.
1,200 homes come first (the rest by 2035).
Valley turns to its lake for warmth

Oysters are back in the bay after ninety years.
A reef of 40 hectares now breaks the waves & shelters fish.
The reef returns: 90 years on
"""

SAMPLES = sorted((Path(__file__).parents[4] / "shared" / "seeds").glob("*.txt"))


def read(text: str | bytes, name: str = "stories.txt") -> tuple[Entry, ...]:
    """Read a text document."""
    return read_documents(text if isinstance(text, bytes) else text.encode(), name=name)


def test_a_title_ends_each_story():
    """The line without closing punctuation is the title of the paragraphs before it."""
    first, second = (clean_entry(entry, language=None) for entry in read(TWO_STORIES))
    assert first.title == "Valley turns to its lake for warmth"
    assert first.text.split("\n\n") == TWO_STORIES.splitlines()[:3]
    assert second.title == "The reef returns: 90 years on"
    assert second.text.endswith("breaks the waves & shelters fish.")


def test_a_story_is_known_by_its_source_text():
    """The guid is over the source alone: position, file name and line ends do not matter, a changed word does."""
    first, second = read(TWO_STORIES)
    alone = read("\r\n".join(TWO_STORIES.splitlines()[5:]), name="other.txt")[0]
    assert alone.guid == second.guid
    assert str(alone.guid).startswith("sha256:")
    assert read(TWO_STORIES.replace("1,200", "1,300"))[0].guid != first.guid
    assert (first.url, first.url_key, first.base_url, first.language) == (None, None, "", None)
    assert (first.position, second.position) == (0, 1)


def test_the_digest_is_that_of_any_entry():
    """A document's entry carries the same digest as a feed's would."""
    entry = read(TWO_STORIES)[0]
    expected = entry_digest(
        title_html=entry.title_html, html=entry.html, guid=entry.guid, url_key=None, authors=(), tags=()
    )
    assert entry.digest == expected


@pytest.mark.parametrize(
    ("changed", "value"),
    [("title_html", "tx"), ("html", "x"), ("guid", None), ("url_key", "k"), ("authors", ("a,b",)), ("tags", ("a",))],
)
def test_every_field_of_the_digest_matters(changed, value):
    """No two different entries share a digest because their fields run together."""
    fields: dict[str, Any] = {
        "title_html": "t",
        "html": "xh",
        "guid": "",
        "url_key": None,
        "authors": ("a", "b"),
        "tags": (),
    }
    assert entry_digest(**fields) != entry_digest(**fields | {changed: value})


@pytest.mark.parametrize(
    "last",
    [
        'He said "no."',
        "Is it?",
        "Stop!",
        "It goes on…",
        "「終わり。」",
        "He said: “Yes.”)",
        "First,",
        "One;",
        "Namely:",
    ],
)
def test_closing_punctuation_makes_a_paragraph(last):
    """A line that closes, within quotes or brackets too, is no title."""
    entry = read(f"{last}\nA title")[0]
    assert entry.title_html == "A title"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_any_common_encoding_is_read(encoding):
    """A byte order mark, UTF-8 and the older encodings give the same letters."""
    text = "Die Wärme kommt für alle Häuser aus dem See, sagte die Bürgermeisterin größerer Städte.\nWärme für Zürich"
    assert read(text.encode(encoding))[0].title_html == "Wärme für Zürich"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", "line 1: the file is empty", id="an empty file"),
        pytest.param("\n \n", "line 1: the file is empty", id="blank lines"),
        pytest.param("One.\nTwo\n\nThree.\n", "line 4: the file ends without a title", id="no title at the end"),
        pytest.param("One.\nTwo\nThree\n", "line 3: a title without a story", id="two titles in a row"),
        pytest.param("Title first\nOne.\n", "line 1: a title without a story", id="a title at the start"),
        pytest.param(b"%PDF-1.7", "PDF: this form is not read.*saved pages", id="a PDF under a text's name"),
        pytest.param(b"a\x00b", "this form is not read", id="bytes that are no text"),
        pytest.param(
            b"WARC/1.0\r\nWARC-Type: x\r\n",
            r"a web archive that is not named as one: this form is not read.*\(\.warc, \.warc\.gz\)",
            id="a web archive under a text's name",
        ),
        pytest.param(b"\x1f\x8b\x08", "packed by gzip.*not read", id="what is packed"),
        pytest.param(
            "Die Wärme kommt aus Zürich, später.\nÄrger über Wä"[:-1].encode() + b"\xc3", "within a character", id="cut"
        ),
        pytest.param("One.\nTwo".encode("utf-16")[:-1], "within a character", id="cut between two bytes"),
    ],
)
def test_what_is_no_story_is_an_error_with_its_line(text, message):
    """The error names the file, the line and what is wrong."""
    with pytest.raises(BadResponse, match=rf"stories.txt.*{message}"):
        read(text)


def test_a_title_may_stand_first():
    """A first line without closing punctuation and an empty line behind it: the rest is its story."""
    (entry,) = read("Wind over the lake\n\nOne.\n\nTwo.\n")
    assert (entry.title_html, entry.html) == ("Wind over the lake", "<p>One.</p><p>Two.</p>")


@pytest.mark.parametrize(
    ("text", "stories"),
    [
        ("# Lake *heat*\n\nOne **two**.\nThree.\n", [("Lake heat", "<p>One <strong>two</strong>. Three.</p>")]),
        (
            "Lake heat\n=====\n\nOne.\n\nMore\n---\n- a\n- b\n",
            [("Lake heat", "<p>One.</p><h2>More</h2><ul><li>a</li><li>b</li></ul>")],
        ),
        ("---\ntitle: 'Lake heat'\ntags: x\n---\nOne.\n", [("Lake heat", "<p>One.</p>")]),
        ("# A\n\nOne.\n\n# B\n\n> Two.\n", [("A", "<p>One.</p>"), ("B", "<blockquote><p>Two.</p></blockquote>")]),
        ("One [two](https://a.example/x).\nTitle after\n", [("Title after", "<p>One [two](https://a.example/x).</p>")]),
        ("# A\n\n[t](https://a.example/x) <b>\n", [("A", '<p><a href="https://a.example/x">t</a> &lt;b&gt;</p>')]),
    ],
    ids=["a heading", "underlined", "front matter", "two stories", "without marks", "links and HTML"],
)
def test_markdown_is_read_by_its_structure(text, stories):
    """A heading of the first level is a title; a file without one is plain text."""
    assert [(entry.title_html, entry.html) for entry in read(text, name="notes.md")] == stories


def test_a_title_of_markdown_needs_a_story():
    """Nothing is guessed where the structure tells no story."""
    with pytest.raises(BadResponse, match=r"notes\.md: the title 'B' stands where a story"):
        read("# A\n\n# B\n\nTwo.\n", name="notes.md")


def test_another_form_is_refused_by_its_name():
    """A file of an unknown kind says which forms are read."""
    with pytest.raises(
        BadResponse, match=r"letter\.docx: Word: this form is not read; what is read: text .* saved pages"
    ):
        read("One.\nTwo", name="letter.docx")


PAGE = """<!DOCTYPE html><html lang="en"><head><title>Lake heat</title>{head}
<meta property="article:published_time" content="2031-05-02T08:00:00+02:00">
<meta name="author" content="Ana Marsh"></head>
<body><article><h1>Lake heat</h1><p>{text}</p><p>{text}</p></article></body></html>"""
TEXT = "The valley will heat its homes with water from the lake, the council decided on Tuesday evening."


@pytest.mark.parametrize(
    "name", ["page.html", "page.HTM", "page"], ids=["html", "upper-case htm", "by its first bytes"]
)
def test_a_saved_page_is_one_story(name):
    """A page's address, title, date and text are its own."""
    head = '<link rel="canonical" href="https://www.news.example/lake?utm_source=x">'
    (entry,) = read(PAGE.format(head=head, text=TEXT), name=name)
    assert (entry.title_html, entry.authors, entry.language) == ("Lake heat", ("Ana Marsh",), "en")
    assert entry.url == "https://www.news.example/lake?utm_source=x"
    assert entry.url_key == "news.example/lake"
    assert entry.published_raw == "2031-05-02T08:00:00+02:00"
    assert entry.published_at == datetime(2031, 5, 2, 6, tzinfo=UTC)
    assert not entry.is_zone_assumed
    assert TEXT in entry.html


def test_a_page_without_an_address_has_no_key():
    """Where the page does not say where it stood, its bytes identify it."""
    (entry,) = read(PAGE.format(head="", text=TEXT), name="page.html")
    assert (entry.url, entry.url_key, entry.base_url) == (None, None, "")
    assert str(entry.guid).startswith("sha256:")


@pytest.mark.parametrize(
    ("end", "place"),
    [
        ("<p>The cou", "<article>"),
        ("</article><div><p>More", "<div>"),
        ("<a hre", "a tag"),
        ("<script>if (", "<script>"),
    ],
)
def test_a_saved_page_that_was_cut_is_refused(end, place):
    """Its file is all that tells: what must end does not."""
    cut = PAGE.format(head="", text=TEXT).partition("</article>")[0] + end
    with pytest.raises(BadResponse, match=f"page.html: the page ends within {place}, and without </html>: it was cut"):
        read(cut, name="page.html")


@pytest.mark.parametrize(
    "end", ["</article>", "</article></body>", "<div></html>", "</article>\n<!-- a < b <div> -->\n"]
)
def test_a_page_may_leave_out_its_last_tags(end):
    """Minifiers do; and careless pages leave an element open."""
    (entry,) = read(PAGE.format(head="", text=TEXT).partition("</article>")[0] + end, name="page.html")
    assert TEXT in entry.html


def test_a_page_without_a_story_is_refused():
    """A page of no text is an error, not an empty story."""
    with pytest.raises(BadResponse, match="no story"):
        read("<html><head><title>x</title></head><body></body></html>", name="x.html")


@pytest.mark.skipif(not SAMPLES, reason="the sample stands beside the repository of its owner only")
def test_the_sample_holds_two_stories():
    """The owner's sample gives exactly two stories, whole."""
    entries = [entry for path in SAMPLES for entry in read_documents(path.read_bytes(), name=path.name)]
    assert [entry.html.count("<p>") for entry in entries] == [6, 7]
    assert all("COP29" in entries[1].html and word in entries[0].html for word in ("METI", "27 cooperation agreements"))
