"""The pictures of the documentation, made from the demo: `make screenshots` writes them."""

import base64
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import TOKEN

FOLDER = os.environ.get("SCREENSHOTS")
PICTURES = {
    "morning": ("/?run=1", 1280, "light", 900),
    "search": ("/search?q=storm+OR+heat", 1280, "light", 900),
    "story": ("/search?q=mangroves+storm+surge", 1280, "light", 1000),
    "why": ("/search?q=mangroves+storm+surge", 1280, "light", 620),
    "versions": ("/corrections", 1280, "light", 760),
    "corrections": ("/corrections", 1280, "light", 640),
    "topic": ("/topics/clean-energy", 1280, "light", 760),
    "outlet": ("/outlets/tidewater-ledger", 1280, "light", 820),
    "runs": ("/runs/1", 1280, "light", 900),
    "health": ("/health", 1280, "light", 460),
    "about": ("/about", 1280, "light", 800),
    "watches": ("/watches", 1280, "light", 400),
    "watch": ("/watches/mangroves", 1280, "light", 700),
    "topics": ("/topics", 1280, "light", 800),
    "outlets": ("/outlets", 1280, "light", 570),
    "ledger": ("/runs", 1280, "light", 460),
    "api": ("/api", 1280, "light", 700),
    "dark": ("/?run=1", 1280, "dark", 800),
    "small": ("/?run=1", 390, "light", 844),
}


LEAST_INK = 0.035  # of all dots: the bar alone has less on a page as high as most pictures
_COUNT_INK = """async (picture) => {
  const image = await createImageBitmap(await (await fetch("data:image/png;base64," + picture)).blob());
  const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
  context.drawImage(image, 0, 0);
  const dots = new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer);
  const counts = new Map();
  for (const dot of dots) counts.set(dot, (counts.get(dot) ?? 0) + 1);
  return 1 - Math.max(...counts.values()) / dots.length;
}"""


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_shows_its_page(open_page: Callable[..., Any], tmp_path: Path, name: str) -> None:
    """Each page can be shown, and is where its picture says."""
    path, width, scheme, height = PICTURES[name]
    page = open_page(path, width=width, scheme=scheme)
    if name in {"story", "why"}:
        page.locator(".card h2 a").first.click()
        page.wait_for_url("**/story/*")
    if name == "why":
        page.locator("#why summary").click()
        page.locator("#why").scroll_into_view_if_needed()
    if name == "versions":
        page.locator(".correction h3 a").first.click()
        page.wait_for_url("**/versions*")
    page.set_viewport_size({"width": width, "height": height})
    page.wait_for_function("document.fonts.status === 'loaded'")
    if name == "why":
        page.evaluate("document.getElementById('why').scrollIntoView()")
    _picture(page, name, tmp_path)


def test_work_by_hand_is_pictured(browser: Any, site_with_hands: str, tmp_path: Path) -> None:
    """Signing in, a label, a takedown that is asked about a second time, what failed, and the ledger of acts."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(f"{site_with_hands}/hand")
    page.get_by_label("Your name").fill("Ada Lind")
    _picture(page, "sign-in", tmp_path)
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    page.goto(f"{site_with_hands}/search?q=mangroves+storm+surge")
    page.locator(".card h2 a").first.click()
    page.get_by_role("link", name="Label").first.click()
    page.locator("#topic-3").wait_for()
    _picture(page, "label", tmp_path)
    page.get_by_role("button", name="Label it").click()
    page.get_by_role("link", name="Withdraw").first.click()
    page.get_by_label("Why?").fill("asked for by its author")
    page.get_by_role("button", name="Go on").click()
    page.get_by_label("I mean it").wait_for()
    _picture(page, "withdraw", tmp_path)
    page.goto(f"{site_with_hands}/hand/rerun/latest")
    _picture(page, "rerun", tmp_path)
    page.goto(f"{site_with_hands}/acts")
    _picture(page, "acts", tmp_path)
    context.close()


@pytest.mark.parametrize("emptied", ["main", "html"])
def test_a_page_without_its_words_is_no_picture(open_page: Callable[..., Any], emptied: str) -> None:
    """It holds too little ink, be it blank or with its bar alone."""
    page = open_page("/health")
    page.evaluate("name => document.querySelector(name).replaceChildren()", emptied)
    assert _ink(page, page.screenshot()) < LEAST_INK


def _picture(page: Any, name: str, elsewhere: Path) -> None:
    folder = Path(FOLDER) if FOLDER else elsewhere
    folder.mkdir(parents=True, exist_ok=True)
    shown = page.screenshot(path=folder / f"{name}.png")
    assert _ink(page, shown) > LEAST_INK


def _ink(page: Any, picture: bytes) -> float:
    """Return the share of a picture's dots that have another colour than most of them."""
    counter = page.context.new_page()  # a blank one, whose scripts no rule of ours forbids
    try:
        return float(counter.evaluate(_COUNT_INK, base64.b64encode(picture).decode()))
    finally:
        counter.close()
