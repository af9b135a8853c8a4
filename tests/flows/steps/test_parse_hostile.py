"""Documents made to hurt: each costs little, and its story is read all the same."""

import json
import time
import timeit
from collections.abc import Callable

import pytest

from flows.steps._parsing.bodies import fullest
from flows.steps._parsing.dates import read_date
from flows.steps._parsing.entry import author_name, plain_text, plain_to_html
from flows.steps._parsing.links import Link, own_link
from flows.steps._parsing.meant import meant_address
from flows.steps._parsing.origin import Origin
from flows.steps._parsing.sitemap import parse_sitemap
from flows.steps._parsing.xml.document import feed_document
from flows.steps._parsing.xml.elements import items_of, read_elements
from flows.steps._parsing.xml.item import as_html
from flows.steps.clean import clean_html
from flows.steps.documents import read_documents
from flows.steps.parse import MAX_ENTRIES, parse_feed
from flows.steps.text.markup import without_markup
from models.errors import BadResponse

MANY = " ".join(f"a{number}='{number} > 0'" for number in range(50_000))


def titles(document: str) -> list[str]:
    """Read a document's titles."""
    parsed = parse_feed(document.encode(), content_type="text/xml", url="https://feeds.example/")
    return [entry.title_html for entry in parsed.entries]


def rss(inside: str) -> str:
    """Write a feed of one item."""
    return f"<rss version='2.0'><channel><item><title>A flood</title>{inside}</item></channel></rss>"


@pytest.mark.parametrize(
    "inside",
    [
        f"<x {MANY}/>",
        f"<x {MANY}>rain</x>",
        f"<x {MANY}/><y {MANY}/>",
        f"<x {MANY}/><description>&nbsp;</y></description>",
    ],
    ids=["empty element", "element with text", "two of them", "broken after it"],
)
def test_fifty_thousand_attributes_cost_nothing(inside: str) -> None:
    """An element's attributes beyond reason are dropped before the parser meets them."""
    assert titles(rss(inside)) == ["A flood"]


@pytest.mark.parametrize(
    ("written", "title"),
    [
        ("Oil & gas AT&T", "Oil &amp; gas AT&amp;T"),
        ("R&D up &amp; running", "R&amp;D up &amp; running"),
        ("<![CDATA[Q&A with AT&T]]>", "Q&amp;A with AT&amp;T"),
        ("caf&eacute; &#233; &#xE9;", "café é é"),
    ],
    ids=["bare", "beside a reference", "within CDATA", "references alone"],
)
def test_an_ampersand_that_begins_nothing_is_one(written: str, title: str) -> None:
    """A bare ampersand gains no semicolon, and references keep their meaning."""
    assert titles(f"<rss><channel><item><title>{written}</title></item></channel></rss>") == [title]


@pytest.mark.parametrize(
    "name",
    ["x" * 100_000, "x" * 100_000 + "@", "a@" * 50_000, "(" * 100_000, "<" * 100_000, "Ada Lind <ada@" + "x" * 100_000],
    ids=["one word", "nobody's mail", "many marks of mail", "brackets", "open tags", "a mail without end"],
)
def test_a_name_without_end_is_cut(name: str) -> None:
    """An author or a tag has at most 300 characters, and its story is read."""
    fields = {"id": "1", "title": "A flood", "content_text": "rain", "authors": [{"name": name}], "tags": [name]}
    body = json.dumps({"version": "https://jsonfeed.org/version/1.1", "title": "x", "items": [fields]}).encode()
    [entry] = parse_feed(body, content_type="application/json", url="https://feeds.example/").entries
    assert entry.title_html == "A flood"
    assert all(len(short) <= 300 for short in (*entry.authors, *entry.tags))


# What a search by a pattern may begin at again and again.
PUMPS = [
    "x",
    "a@",
    "<",
    "<x ",
    "(",
    "( ",
    " ",
    "\n",
    "\n ",
    "&",
    "&#",
    "<![CDATA[",
    "<item>",
    "<item ",
    "</item ",
    "<!--",
    "<!-- -->",
    "<script>",
    "<div>",
    "</x>",
    "<x>",
    "<x a='",
    "a = ",
    "<?",
    "1. lis ",
    "http://",
]


def refused(text: str) -> None:
    """Read a file of a form that is none."""
    with pytest.raises(BadResponse):
        read_documents(text.encode(), name="story.pdf")


def read_all(text: str) -> list[str]:
    """Read everything in a document's items, and take it for text."""
    root = read_elements(text, 0)
    return [as_html(part) for item in items_of(root) for part in (item, *item.children)] if root else []


READERS = {
    "a name": author_name,
    "a tag": plain_text,
    "a title": without_markup,
    "plain text": plain_to_html,
    "a document": feed_document,
    "a preformatted text": lambda text: clean_html(f"<pre>a{text}b</pre>", base_url="https://one.example/"),
    "a file": refused,
    "a broken document": lambda text: read_all(f"<rss><channel><item>{text}"),
    "a title of a broken document": lambda text: read_all(f"<rss><channel><item><title>{text}"),
    "a broken sitemap": lambda text: parse_sitemap(f"<urlset><url>{text}</urlset><", "https://one.example/", Origin()),
    "an attribute": lambda text: read_all(f"<rss><channel><item><link {text}>"),
    "bodies": lambda text: fullest([text, f"<p>{text}</p>"]),
    "a link": lambda text: own_link([Link(address=f"https://one.example/{text}", media=text, rel=text)], ()),
    "a broken link": lambda text: meant_address(f"http:{text}", "https://one.example/"),
    "a date": read_date,
}


@pytest.mark.parametrize("pump", PUMPS)
@pytest.mark.parametrize("read", READERS.values(), ids=READERS)
def test_the_cost_grows_as_the_input_does(read: Callable[[str], object], pump: str) -> None:
    """Sixteen times the input costs far less than the square of that, which would be 256 times as much."""
    short, long = (pump * (size // len(pump)) for size in (1_000, 16_000))
    assert cost(read, long) < 80 * cost(read, short)


def cost(read: Callable[[str], object], text: str) -> float:
    """Measure this process's own time for a text, the least of several, so that a busy machine does not count."""
    return min(timeit.repeat(lambda: read(text), timer=time.process_time, repeat=5, number=1))


def test_a_feed_without_end_is_read_from_its_start() -> None:
    """Only so many entries are read, and a warning says how many there were."""
    body = b"<rss version='2.0'><channel>" + b"<item/>" * (MAX_ENTRIES + 1) + b"</channel></rss>"
    parsed = parse_feed(body, content_type="text/xml", url="https://feeds.example/")
    assert len(parsed.entries) == MAX_ENTRIES
    assert parsed.warnings == ("only the first 20000 of 20001 entries are read",)
