"""The pictures of the documentation, made from the demo: `make screenshots` writes them."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

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
    "dark": ("/?run=1", 1280, "dark", 800),
    "small": ("/?run=1", 390, "light", 844),
}


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
    folder = Path(FOLDER) if FOLDER else tmp_path
    folder.mkdir(parents=True, exist_ok=True)
    shown = page.screenshot(path=folder / f"{name}.png")
    assert shown.startswith(b"\x89PNG")
