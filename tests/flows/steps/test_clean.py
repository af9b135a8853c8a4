"""Cleaning: hostile HTML in, the words of the story and safe HTML out."""

import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from flows.steps._cleaning.furniture import RULES
from flows.steps._cleaning.tree import MAX_DEPTH
from flows.steps.clean import clean_entry, clean_html, clean_title, content_hash
from models.stages import Entry, Source

GOLDEN = Path(__file__).parents[2] / "golden" / "clean"
BASE = "https://news.example/2031/"


def entry(**fields: Any) -> Entry:
    """Make an entry of which only the named fields matter."""
    known: dict[str, Any] = {
        "position": 0,
        "guid": "g",
        "url": None,
        "url_key": None,
        "title_html": "T",
        "html": "",
        "base_url": BASE,
    }
    return Entry(**known | fields)


def text_of(html: str) -> str:
    """Clean html and return its text."""
    return clean_html(html, base_url=BASE).text


@pytest.mark.parametrize("page", sorted(GOLDEN.glob("*.html")), ids=lambda page: page.stem)
def test_golden_entries_come_out_as_expected(page):
    """Each saved entry gives the text and the HTML beside it."""
    expected = json.loads(page.with_suffix(".expected.json").read_text("utf-8"))
    cleaned = clean_html(page.read_text("utf-8"), base_url=BASE)
    assert {"text": cleaned.text, "html": cleaned.html} == expected


@pytest.mark.parametrize(
    ("html", "text"),
    [
        pytest.param("<p>heat<b>ing</b> up</p>", "heating up", id="inline tags do not split a word"),
        pytest.param("<div>one</div><div>two</div>", "one\n\ntwo", id="block tags part words"),
        pytest.param("one<p>two</p>three", "one\n\ntwo\n\nthree", id="loose text beside a paragraph is its own block"),
        pytest.param("<p>a<br>b<br><br>c</p>", "a\nb\n\nc", id="one br ends a line and two a block"),
        pytest.param("<p>a\n   b</p>", "a b", id="white space of the source is one space"),
        pytest.param("one\ntwo\n\nthree", "one\ntwo\n\nthree", id="a plain summary keeps its lines"),
        pytest.param("5 < 6 & 7 > 3", "5 < 6 & 7 > 3", id="signs in a plain summary are text"),
        pytest.param(
            "<ul><li>a<ul><li>b</li></ul></li><li></li></ul>c", "- a\n- b\n\nc", id="an empty item leaves no mark"
        ),
        pytest.param(
            "<dl><dt>COP</dt><dd>a meeting</dd></dl>", "COP\na meeting", id="a term and its meaning are two lines"
        ),
        pytest.param("<p>He said <q>no</q>.</p>", "He said “no”.", id="a q tag becomes quotation marks"),
        pytest.param("<pre>a  b\n  c</pre>", "a  b\n  c", id="preformatted text keeps its spaces"),
        pytest.param(
            "<table><tr><td>a<br>b</td><td><ul><li>c</li></ul>d</td></tr></table>",
            "a\nb\n\n- c\n\nd",
            id="a table that holds blocks is read as blocks",
        ),
        pytest.param(
            "<table><tr><td>a<br>b</td><td><p>c</p></td></tr><tr><td></td><td></td></tr></table>x",
            "a b | c\n\nx",
            id="a row is a line and an empty row none",
        ),
        pytest.param(
            "<table><tr><td><table><tr><td>a</td><td>b</td></tr></table></td></tr></table>",
            "a | b",
            id="a table of figures inside a layout table keeps its rows",
        ),
        pytest.param("<ruby>漢<rp>(</rp><rt>かん</rt><rp>)</rp></ruby>字", "漢字", id="readings do not split a word"),
        pytest.param(
            "<figure><figcaption>Only this</figcaption></figure>", "Only this", id="a lone caption is the text"
        ),
        pytest.param(
            "<p>a</p><!-- no --><p hidden>no</p><p style='display: none'>no</p>", "a", id="what is hidden is gone"
        ),
        pytest.param(
            "<p>&lt;p&gt;a&lt;/p&gt;&lt;p&gt;b&lt;/p&gt;</p>", "a\n\nb", id="escaped HTML in a paragraph is HTML"
        ),
        pytest.param("a &#55357;&#56832; b &#xD800;c", "a 😀 b c", id="a character in two halves is whole again"),
        pytest.param("Itâ€™s cafÃ©", "It’s café", id="mojibake is decoded"),
        pytest.param("<p>It&acirc;&euro;&trade;s</p>", "It’s", id="mojibake in entities is decoded"),
        pytest.param("“a” ‘b’ ＡＢＣ「１」", "“a” ‘b’ ＡＢＣ「１」", id="curled quotes and full width stay"),
        pytest.param("a\u00adb\u200bc\x00d\ud800e\ufefff", "abcdef", id="unseen characters are gone"),
        pytest.param("می\u200cخواهم 👩\u200d🔬", "می\u200cخواهم 👩\u200d🔬", id="joiners that spell stay"),
        pytest.param("<p>a <!-- --> b</p><p>\n</p>", "a b", id="a space at the edge of a tag is one space"),
        pytest.param("<pre></pre>x", "x", id="an empty pre is nothing"),
        pytest.param(
            "10<sup>6</sup> t CO<sub>2</sub>, 1<sup>er</sup> m<sup>2</sup>, 10<sub>2</sub>, x<sup>n+1</sup>",
            "10⁶ t CO2, 1er m², 10₂, x^(n+1)",
            id="raised and lowered figures stay what they are",
        ),
        pytest.param(
            "10<span style='top:0;vertical-align: super'>6</span> t, CO<span style='vertical-align:sub'>2</span>, "
            "<span style='vertical-align:baseline'>3</span>",
            "10⁶ t, CO2, 3",
            id="raised by its style",
        ),
        pytest.param("10<span style='VERTICAL-ALIGN: Super'>6</span>", "10⁶", id="raised in capitals"),
        pytest.param("7<sup>o</sup>C <b>8<sup>0</sup> C</b> 9<sup>0</sup>", "7°C 8° C 9⁰", id="a raised o is a degree"),
        pytest.param(
            "<table><tr><th>a</th><td><menu><li>b</li></menu></td></tr></table>",
            "a | b",
            id="an item in a cell has no mark",
        ),
        pytest.param(
            "&amp;amp;amp;lt;p&amp;amp;amp;gt;", "&amp;lt;p&amp;gt;", id="escaping is undone a few times only"
        ),
        pytest.param(
            "<p>Down <del>5</del><ins>7</ins> %, <ins>8</ins><s>9</s> t, <strike>old</strike>, so.</p>",
            "Down 5 7 %, 8 9 t, old, so.",
            id="struck figures do not join those in their place",
        ),
        pytest.param(
            "cli<del></del>mate cli<s><b></b></s>ma<strike></strike>te <del>5<s>6</s></del>7<s></s>8",
            "climate climate 5 6 78",
            id="nothing struck splits no word",
        ),
        pytest.param("", "", id="nothing gives nothing"),
    ],
)
def test_text_is_what_a_reader_sees(html, text):
    """The text has the words of the page, block by block."""
    assert text_of(html) == text


@pytest.mark.parametrize(
    "tail",
    [
        "<p>The post <a href='/x'>A headline</a> appeared first on <a href='/'>Site</a>.</p>",
        "<p>Der Beitrag A headline erschien zuerst auf Site.</p>",
        "<p>L’article A headline est apparu en premier sur Site.</p>",
        "<p>La entrada A headline se publicó primero en Site.</p>",
        "<p>O post A headline apareceu primeiro em Site.</p>",
        "<p>L'articolo A headline proviene da Site.</p>",
        "<p>Het bericht A headline verscheen eerst op Site.</p>",
        "<p>Artykuł A headline pochodzi z serwisu Site.</p>",
        "<p>Запись A headline впервые появилась на Site.</p>",
        "<p>投稿 見出し は サイト に最初に表示されました。</p>",
        "<p>标题最先出现在网站。</p>",
        " The post A headline appeared first on Site.",
        "<p><a href='/x'>Continue reading…</a></p>",
        "<p><a href='/x'>[Read more]</a></p>",
        "<p>Weiterlesen →</p><p>Lire la suite</p><p>続きを読む</p>",
        " Read more at https://site.example/x",
        " Read the full story at Site",
        "<p>Share on Facebook</p><p>Share this: Facebook | Twitter | LinkedIn</p>",
        "<div class='addtoany_share_save_container'>Spread it</div>",
        "<p><a href='https://twitter.com/intent/tweet?u=1'>Birds</a></p>",
        "<p>Advertisement</p>",
        "<p><strong>READ MORE:</strong> <a href='/r'>Story number 2 on another thing</a></p>",
        "<p>Lire aussi : Les vagues montent</p><p>Lees ook: Het water stijgt</p><p>延伸閱讀：海平面上升</p>",
        "<p>Kapcsolódó: Nő a víz</p><p>Siehe auch: Das Wasser</p><p>Đọc thêm: Nước dâng</p><p>อ่านเพิ่มเติม: น้ำ</p>",
        "<p>Читайте также: Море</p><p>Leia também: O mar</p><p>Also read | Heat</p>",
        "<h3>Related posts</h3><ul><li><a href='/x'>Heat in May</a></li><li>• <a href='/y'>Rain in June</a></li></ul>",
        "<h4>You may also like</h4><div><a href='/x'><img src='/a.jpg'></a><p><a href='/x'>Heat</a></p></div>",
        "<p><strong>Lire aussi :</strong></p><p><a href='/x'>La mer monte</a></p>",
        "<p>Sign up for our weekly newsletter.</p>",
        "<img src='https://pixel.wp.com/b.gif'>",
    ],
)
def test_furniture_is_gone_from_the_text(tail):
    """Share bars, read-more links and the credit line of the blog software are no part of the story."""
    assert text_of(f"<p>The reef is back.</p>{tail}") == "The reef is back."


@pytest.mark.parametrize(
    "html",
    [
        "<p>The post office appeared on the map in 1900.</p>",
        "<p>Share prices of Facebook rose.</p>",
        "<p>Related: the study says that it rains.</p>",
        "<p>They want to read more about the reef.</p>",
        "<p><a href='/x'><img src='/a.jpg'>Share</a></p>",
    ],
)
def test_words_of_the_story_are_no_furniture(html):
    """A sentence that only resembles furniture stays."""
    assert clean_html(html, base_url=BASE).html.count("<p>") == 1
    assert text_of(html)


@pytest.mark.parametrize(
    ("html", "kept"),
    [
        ("<p>Read more</p><p><a href='/x'>Heat</a></p><p>Rain <a>fell</a>.</p><p><a>Sun</a></p>", "Rain fell.\n\nSun"),
        ("<p><a href='/x'>Read more</a></p><p><a href='/y'>A second story</a></p>", "A second story"),
        ("<p>Related</p><h3><a href='/y'>A second story</a></h3><p>Its words.</p>", "A second story\n\nIts words."),
        ("<p>Related</p><ul><li><a href='/y'>Heat</a>, and what it did</li></ul>", "- Heat, and what it did"),
    ],
)
def test_links_that_are_the_text_stay(html, kept):
    """Below a heading that leads away ends what it leads to where other words stand; a headline begins a story."""
    assert text_of(html) == kept


def test_furniture_rules_are_sorted():
    """The table is in the order of its rows' places, so that a new row has one place to go."""
    assert [rule.where for rule in RULES] == sorted(rule.where for rule in RULES)
    assert len(set(RULES)) == len(RULES)


@pytest.mark.parametrize(
    ("html", "safe"),
    [
        pytest.param(
            "<a href='../x'>l</a>",
            '<a href="https://news.example/x" rel="noopener nofollow">l</a>',
            id="a relative link is made absolute",
        ),
        pytest.param(
            "<a href='javascript:x'>l</a>", '<a rel="noopener nofollow">l</a>', id="a script link leads nowhere"
        ),
        pytest.param(
            "<a href='http://[x'>l</a>", '<a rel="noopener nofollow">l</a>', id="a broken address leads nowhere"
        ),
        pytest.param(
            "<a href='mailto:a@b.example'>l</a>",
            '<a href="mailto:a@b.example" rel="noopener nofollow">l</a>',
            id="a mail link stays",
        ),
        pytest.param("x<img src='data:image/gif;base64,R0' width=9>", "x", id="a picture in the source is no picture"),
        pytest.param(
            "x<img src='data:image/gif;base64,R0' data-src='/a.png'>",
            'x<img src="https://news.example/a.png">',
            id="a lazy picture has its real address",
        ),
        pytest.param("x<img src='/a.png' width='1'>", "x", id="a picture one pixel wide counts readers"),
        pytest.param("x<img src='/a.png' style='width: 0px'>", "x", id="a picture without width counts readers"),
        pytest.param("x<img src='/~r/y'>", 'x<img src="https://news.example/~r/y">', id="an ordinary picture stays"),
    ],
)
def test_links_and_pictures_are_safe(html, safe):
    """Only web and mail addresses stay, and no picture that nobody sees."""
    assert clean_html(html, base_url=BASE).html == safe


def test_relative_links_go_where_nothing_is_known_to_stand_on():
    """Without a base a relative link is none."""
    assert "href" not in clean_html("<p><a href='/x'>l</a></p>", base_url="").html


@pytest.mark.parametrize(
    "html",
    [
        "<script>alert(1)</script><p onclick='alert(1)'>x</p>",
        '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;">',
        '<svg></p><style><a id="</style><img src=1 onerror=alert(1)>">',
        '<noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript>',
        "<a href='java\nscript:alert(1)'>x</a><a href='&#1;javascript:alert(1)'>y</a>",
        "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
        "<iframe srcdoc='<script>alert(1)</script>'></iframe><object data='javascript:alert(1)'></object>",
        "&lt;img src=x onerror=alert(1)&gt;&lt;p&gt;x&lt;/p&gt;",
        "&amp;lt;script&amp;gt;alert(1)&amp;lt;/script&amp;gt;",
    ],
)
def test_no_script_survives(html):
    """No known trick of mutation leaves a script, a handler or a script address, even when cleaned again."""
    once = clean_html(html, base_url=BASE).html
    again = clean_html(once, base_url=BASE).html
    for cleaned in (once, again):
        tags = " ".join(re.findall(r"<[^>]*>", cleaned)).lower()
        assert not re.search(r"<script|<style|\son\w+=|javascript:|srcdoc", tags)


@pytest.mark.parametrize("tag", ["embed", "source", "track", "EMBED"])
def test_a_tag_without_content_takes_nothing_with_it(tag):
    """What follows a void tag that the parser does not know is kept."""
    assert clean_html(f"<p>Rain</p><{tag} src=x><p>Sun</p>", base_url="").text == "Rain\n\nSun"


@pytest.mark.parametrize(
    "thing",
    [
        "<img src='https://count.example/p.gif' width='1' height='1'>",
        "<img class='lazy' src='data:image/gif;base64,R0lGOD=='><noscript><img src='/a.jpg'></noscript>",
        "<figure><picture><source srcset='/a.webp'><img src='/a.jpg'></picture></figure>",
        "<input type='radio'>",
        "<hr hidden>",
        "<br style='display:none'>",
        "<wbr class='sharedaddy'>",
        "<iframe src='x'>",
        "<video src='x'>",
        "<object data='x'>",
        "<select>",
    ],
)
def test_stored_html_is_whole_behind_what_is_taken_out(thing):
    """A pixel, a placeholder or a tag that nobody closed swallows nothing."""
    cleaned = clean_html(f"<p>Rain</p>{thing}<p>Sun</p><p>Wind</p>", base_url=BASE)
    assert cleaned.html.endswith("<p>Sun</p><p>Wind</p>")
    assert cleaned.text.endswith("Sun\n\nWind")


@pytest.mark.parametrize("tag", ["div", "b", "blockquote", "ul"])
def test_depth_costs_neither_words_nor_the_night(tag):
    """A hundred thousand levels come out as their words, within the bounded depth."""
    cleaned = clean_html(f"<{tag}>" * 100_000 + "deep<br>words", base_url=BASE)
    assert cleaned.text.split() == ["deep", "words"]
    assert cleaned.html.count(f"<{tag}>") <= MAX_DEPTH


def test_many_scripts_among_many_paragraphs_are_removed_quickly():
    """What is removed is not searched for among its siblings."""
    cleaned = clean_html("<p>x</p>" * 3000 + "<script>y</script>" * 3000, base_url=BASE)
    assert cleaned.text.count("x") == 3000
    assert "y" not in cleaned.text


@pytest.mark.parametrize(
    ("raw", "title"),
    [
        pytest.param("CO<sub>2</sub> at 430", "CO2 at 430", id="inline tags vanish"),
        pytest.param("One<br/>two", "One two", id="a line break is a space"),
        pytest.param("Wind &amp;amp; waves", "Wind & waves", id="entities that were escaped twice"),
        pytest.param("It&amp;#8217;s &lt;b&gt;hot&lt;/b&gt;", "It’s hot", id="tags that were escaped"),
        pytest.param("CO2 < 400 ppm > 2015", "CO2 < 400 ppm > 2015", id="signs that are no tags"),
        pytest.param("  a \n b ", "a b", id="lines"),
    ],
)
def test_titles_are_one_line_of_text(raw, title):
    """A title has no tags and no entities, and every sign that was meant."""
    assert clean_title(raw) == title


def test_an_entry_becomes_a_story():
    """All that is known of an entry is in its story, cleaned."""
    published = datetime(2031, 5, 1, tzinfo=UTC)
    story = clean_entry(
        entry(
            title_html="Lake <i>heat</i>",
            html="<p>Warm &amp; cheap.</p>",
            authors=("Ana &amp; Co", "", "Ana &amp; Co"),
            tags=("heat",),
            published_at=published,
        ),
        language="en",
    )
    assert (story.source, story.method, story.confidence) == (Source.FEED, "feed", 1.0)
    assert (story.title, story.text, story.html) == ("Lake heat", "Warm & cheap.", "<p>Warm &amp; cheap.</p>")
    assert (story.authors, story.tags, story.language) == (("Ana & Co",), ("heat",), "en")
    assert story.published_at == published
    assert story.content_hash == content_hash("Lake heat", "Warm & cheap.")
    assert story.length == len("Warm & cheap.")


def test_the_entry_knows_its_language_better_than_the_feed():
    """The entry's own language goes first; a text in another script overrules both."""
    assert clean_entry(entry(language="de", html="<p>Ja.</p>"), language="en").language == "de"
    default = entry(language="en-US", is_language_default=True, html="Não há previsão de chuva para os próximos dias.")
    assert clean_entry(default, language="pt-BR").language == "pt-BR"
    assert clean_entry(entry(html="气候变化大会今天在北京开幕，各国代表出席会议。"), language="en").language == "zh"


def test_an_imported_document_says_so():
    """The source is also the method."""
    story = clean_entry(entry(html="x"), language=None, source=Source.IMPORT)
    assert (story.source, story.method) == (Source.IMPORT, "import")
