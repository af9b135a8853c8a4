"""What a person does on the pages: search and narrow, brush, compare, by keyboard, without scripts, small and dark."""

import re
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text("utf-8")
Open = Callable[..., Any]
PATHS = (
    *(
        "/",
        "/?run=1",
        "/search",
        "/search?q=storm",
        "/search?q=zebra",
        "/corrections",
        "/topics",
        "/topics/clean-energy",
    ),
    *(
        "/languages/es",
        "/languages/zh",
        "/outlets",
        "/outlets/tidewater-ledger",
        "/runs",
        "/runs/1",
        "/acts",
        "/watches",
        "/watches/mangroves",
        "/corrections?kind=number",
        "/search?near-misses=1",
        "/health",
        "/about",
        "/api",
        "/no",
    ),
    *("STORY", "STORY/versions", "STORY/versions?view=side"),
)


@pytest.fixture(scope="session")
def corrected(site: str) -> str:
    """Name the story that was corrected on the second night."""
    import httpx

    uid: str = httpx.get(f"{site}/api/search?corrected=1").json()["stories"][0]["uid"]
    return f"/story/{uid}"


def test_search_narrows_and_goes_back(open_page: Open) -> None:
    """A choice narrows the results and stands in the address; back undoes it; what was typed stays."""
    page = open_page("/search?q=storm")
    before = page.locator(".total").inner_text()
    page.locator(".choice", has_text="Extreme weather").click()
    page.wait_for_url("**topic=extreme-weather*")
    assert page.locator('.choice[aria-current="true"]').inner_text().startswith("Extreme weather")
    after = page.locator(".total").inner_text()
    assert int(re.findall(r"\d+", after)[0]) < int(re.findall(r"\d+", before)[0])
    page.go_back()
    page.wait_for_function("text => document.querySelector('.total').innerText === text", arg=before)
    assert page.input_value("#q") == "storm"
    assert "topic" not in page.url


def test_the_timeline_is_brushed(open_page: Open) -> None:
    """Drawing over some days narrows the search to them, and the dates stand in the form."""
    page = open_page("/search")
    box = page.locator("#timeline .u-over").bounding_box()
    page.mouse.move(box["x"] + box["width"] * 0.45, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.8, box["y"] + 30, steps=6)
    page.mouse.up()
    page.wait_for_url("**since=*until=*")
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["since"] < asked["until"]
    assert page.input_value("input[name=since]") == asked["since"][0]


def test_the_words_of_a_correction_are_marked(open_page: Open, corrected: str) -> None:
    """From the night to the comparison: what left and what came, as one text and side by side."""
    page = open_page("/")
    page.locator(".correction h3 a").first.click()
    page.wait_for_url("**/versions*")
    assert urlsplit(page.url).path == f"{corrected}/versions"
    assert page.locator(".diff del").nth(1).inner_text() == "11,000"
    assert page.locator(".diff ins").nth(2).inner_text() == "8,200"
    page.get_by_role("link", name="Side by side").click()
    page.wait_for_url("**view=side")
    assert page.locator(".side-by-side tr.changed").count() == 2


def test_the_keyboard_is_enough(open_page: Open) -> None:
    """Skip to the content, search, narrow and open a story without a mouse; what has the focus can be seen."""
    page = open_page("/search")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "q"
    page.keyboard.type("mangroves")
    page.keyboard.press("Enter")
    page.wait_for_url("**q=mangroves*")
    link = page.locator(".card h2 a").first
    link.focus()
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url("**/story/*")
    assert "mangroves" in page.locator("h1").inner_text()


def test_no_script_is_needed(open_page: Open, corrected: str) -> None:
    """Without scripts: the charts, a choice, a page further, a comparison; and no button that would do nothing."""
    page = open_page("/search", script=False)
    assert page.locator("#timeline svg rect.bar").count() > 5
    page.locator(".choice", has_text="English").click()
    assert "lang=en" in page.url
    page.get_by_role("link", name="Next page").click()
    assert page.locator(".card").count() > 0
    assert not page.locator("button[data-copy]").first.is_visible()
    page.goto(page.url.split("/search")[0] + corrected + "/versions")
    assert page.locator(".diff ins").count() == 4


@pytest.mark.parametrize("path", PATHS)
def test_pages_keep_nobody_out(open_page: Open, corrected: str, path: str) -> None:
    """No serious fault is found by axe, in light and in dark; nothing is wider than a screen of 360 px."""
    for scheme, width in (("light", 1280), ("dark", 360)):
        page = open_page(path.replace("STORY", corrected), scheme=scheme, width=width)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        # Through the debugger: the page's own policy lets no script in.
        found = page.evaluate(f"(() => {{ {AXE}; return axe.run(document, {{resultTypes: ['violations']}}); }})()")
        serious = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
        assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == []


def test_html_is_read_as_it_is_written(open_page: Open, corrected: str) -> None:
    """The browser mends nothing: its tree is that of the tags as they stand; no id comes twice, no name is unknown."""
    page = open_page("/")
    for path in PATHS:
        source = page.request.get(f"{page.url.rstrip('/')}{path.replace('STORY', corrected)}").text()
        written = _Written()
        written.feed(source)
        read = page.evaluate(READ, source)
        assert read["found"] == written.found, path
        assert (read["unknown"], written.open) == (0, []), path
        assert len(written.ids) == len(set(written.ids)), path


READ = """source => {
  const found = [];
  const walk = (node, depth) => {
    for (const one of node.children) { found.push(`${depth} ${one.localName}`); walk(one, depth + 1); }
  };
  const read = new DOMParser().parseFromString(source, "text/html");
  walk(read, 0);
  return {found, unknown: [...read.querySelectorAll("*")].filter(one => one instanceof HTMLUnknownElement).length};
}"""


class _Written(HTMLParser):
    """The tags of a source, as they stand."""

    _VOID = frozenset({"br", "hr", "img", "input", "link", "meta", "wbr"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []
        self.ids: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append(f"{len(self.open)} {tag}")
        self.ids += [value for name, value in attrs if name == "id"]
        if tag not in self._VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> at {self.getpos()}"
