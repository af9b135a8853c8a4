"""Pages show their stories whole, or say why not."""

import re
from html import unescape

import pytest

from flows.demo.content import Access
from flows.demo.server import DemoSite
from tests.flows.demo.reader import Reader
from tests.flows.demo.readme import CONTENT

OPEN = [
    f"{outlet.id}/{story.slug}"
    for outlet in CONTENT.outlets
    for story in outlet.stories
    if story.access in (Access.OPEN, Access.FORBIDDEN)
]


@pytest.mark.parametrize("night", [1, 2])
def test_open_pages_hold_the_whole_text(site: DemoSite, reader: Reader, night: int) -> None:
    """A page in any layout shows its title, its author and every line of its text as of the night."""
    site.night = night
    for outlet, story in map(CONTENT.find, OPEN):
        if story.first_night <= night:
            html = unescape(reader.ask(outlet.path_of(story))[1].decode())
            lines = [re.sub("^(## |> |- )", "", line) for line in story.as_of(night).text.splitlines()]
            assert f">{story.title}</h1>" in html
            assert [line for line in (story.author, *lines) if line not in html] == []


def test_a_paywalled_page_says_so_and_holds_back(reader: Reader) -> None:
    """The page behind the paywall declares it in its metadata and shows the first paragraph only."""
    html = reader.ask("/faro/2026/11/bonos-de-carbono-bosque")[1].decode()
    assert '"isAccessibleForFree": false' in html
    assert "Dos empresas vendieron" in html
    assert "Los árboles, al menos" not in html


def test_headings_quotes_and_lists_have_their_tags(reader: Reader) -> None:
    """Blocks of a text become headings, quotes and lists."""
    mangroves = reader.ask("/meridian/2026/11/port-merrow-mangroves-storm-surge")[1].decode()
    assert "<h2>Cheaper than concrete</h2>" in mangroves
    assert "<ul><li>412 hectares of mangrove restored since 2016</li><li>" in mangroves
    assert "<blockquote><p>You cannot insure" in reader.ask("/tidewater/2026/11/village-moves-uphill")[1].decode()


@pytest.mark.parametrize("path", ["/", *(outlet.home for outlet in CONTENT.outlets)])
def test_front_pages_link_to_pages_that_answer(site: DemoSite, reader: Reader, path: str) -> None:
    """Every link of a front page leads to the site, and only the missing page and the broken feeds fail."""
    html = reader.ask(path)[1].decode()
    links = re.findall('href="([^"]+)"', html)
    assert all(link.startswith(site.base_url) for link in links)
    failing = [link for link in links if reader.ask(link.removeprefix(site.base_url))[0].status != 200]
    assert {link.rpartition("/")[2] for link in failing} <= {"cooling-vouchers", "feed.xml", "rss"}


def test_the_counting_pixel_is_an_image(reader: Reader) -> None:
    """The image that feeds count their readers with exists."""
    response, body = reader.ask("/pixel.gif?story=any")
    assert (response.headers["Content-Type"], body[:6]) == ("image/gif", b"GIF89a")
