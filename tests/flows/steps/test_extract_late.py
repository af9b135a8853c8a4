"""Parts of a story that a browser puts in their place: streamed, framed, in elements of the site's own."""

from html import escape
from time import process_time

import pytest
from lxml.html import document_fromstring

from flows.steps._extracting.prepare import prepare
from flows.steps.extract import extract_page
from tests.saved_pages import PARAGRAPHS, URL

TEXT = "".join(f"<p>{one}</p>" for one in PARAGRAPHS)
FIRST, LAST = "".join(f"<p>{one}</p>" for one in PARAGRAPHS[:2]), "".join(f"<p>{one}</p>" for one in PARAGRAPHS[2:])
STENCIL = "<p>Another text that nobody sees stands here, and {{title}} is to be filled in.</p>"
LONGEST_S = 5.0  # ten times what it takes, for a machine that is busy


def story(body: str) -> list[str]:
    """Extract a page with this body."""
    head = "<head><title>Lake heat</title></head>"
    html = f"<html lang='en'>{head}<body><nav><a href='/'>Home</a></nav>{body}</body></html>"
    return extract_page(html.encode(), url=URL).text.split("\n\n")


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(
            "<main><h1>Lake heat</h1><!--$?--><template id='B:0'></template><p>Loading, please wait for it.</p>"
            f"<!--/$--></main><div hidden id='S:0'><article>{FIRST}<template id='P:1'></template></article></div>"
            f"<script>$RC('B:0','S:0')</script><div hidden id='S:1'>{LAST}</div>",
            id="streamed by React",
        ),
        pytest.param(
            f"<main><h1>Lake heat</h1><iframe srcdoc='{escape(TEXT)}'></iframe></main>", id="a frame with its own text"
        ),
        pytest.param(
            f"<main><article><h1>Lake heat</h1>{FIRST}<iframe srcdoc='{escape(LAST)}'></iframe></article></main>",
            id="a part in a frame",
        ),
        pytest.param(
            f"<x-a><template shadowrootmode='open'><article><h1>Lake heat</h1>{TEXT}</article></template></x-a>",
            id="a shadow tree",
        ),
        pytest.param(
            "<x-story>" + "".join(f"<x-text><x-line>{one}</x-line></x-text>" for one in PARAGRAPHS) + "</x-story>",
            id="elements of the site's own",
        ),
        pytest.param(
            "<article>" + "".join(f"<span style='display: block'>{one}</span>" for one in PARAGRAPHS) + "</article>",
            id="spans that are set as blocks",
        ),
        pytest.param(
            f"<article><h1>Lake heat</h1>{TEXT}<amp-list src='/more'><template type='amp-mustache'>{STENCIL}</template>"
            "</amp-list><amp-sidebar><ul><li>Home and garden of the town</li></ul></amp-sidebar></article>",
            id="without the stencils and menus of AMP",
        ),
        pytest.param(f"<article><h1>Lake heat</h1>{TEXT}<template>{STENCIL}</template></article>", id="no stencil"),
        pytest.param(
            f"<article><h1>Lake heat</h1>{TEXT}"
            "<iframe srcdoc='<a href=&quot;/ad&quot;><p>Buy a better oven today.</p></a>'></iframe></article>",
            id="without an advertisement in a frame",
        ),
    ],
)  # fmt: skip
def test_a_story_is_what_a_browser_shows(body):
    """Each paragraph once, in its place, and nothing that waits to be filled."""
    assert story(body) == PARAGRAPHS


@pytest.mark.parametrize(
    "block",
    [
        "<!--$?--><template id='B:{0}'></template><p>Wait.</p><!--/$--><div hidden id='S:{0}'><p>Here.</p></div>",
        "<iframe srcdoc='<p>Here.</p>'></iframe>",
        "<x-a><x-b><x-c>Here is a line of some length, and it ends.</x-c></x-b></x-a>",
    ],
    ids=["streamed", "frames", "own elements"],
)
def test_thousands_of_such_parts_cost_no_more_than_they_are(block):
    """A page may hold any number."""
    blocks = "".join(block.replace("{0}", str(number)) for number in range(4_000))
    tree = document_fromstring(f"<html><body><article>{blocks}</article></body></html>")
    began = process_time()
    prepare(tree, {})
    assert process_time() - began < LONGEST_S
