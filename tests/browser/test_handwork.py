"""What a person does by hand on the pages, in a real browser: it must send the forms as the server wants them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from config.settings import Secret
from tests.browser.test_reading import AXE, READ, _Written
from tests.databases import on_one
from tests.flows.web.handwork.conftest import TOKEN, Place, fill_with_failure, opened, served, uid_of

pytestmark = on_one
Open = Callable[..., Any]


@pytest.fixture
def place(engine: Engine, tmp_path: Path) -> Iterator[Place]:
    """Serve a small archive whose pages have a token."""
    fill_with_failure(engine)
    with served(*opened(engine, tmp_path / "home", token=Secret(TOKEN))) as place:
        yield place


@pytest.fixture
def open_here(browser: Any, place: Place) -> Iterator[Open]:
    """Give a way to open a page of it, which must ask no other host and complain of nothing."""
    contexts: list[Any] = []
    asked: list[str] = []
    complaints: list[str] = []

    def show(path: str, *, script: bool = True, **given: Any) -> Any:
        context = browser.new_context(java_script_enabled=script, **given)
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: asked.append(request.url))
        page.on("console", lambda said: complaints.append(said.text) if said.type in {"error", "warning"} else None)
        page.goto(f"{place.url}{path}", wait_until="load")
        return page

    yield show
    for context in contexts:
        context.close()
    assert [url for url in asked if not url.startswith(f"{place.url}/")] == []
    assert [said for said in complaints if "status of 404" not in said] == []


def _sign_in(page: Any) -> None:
    page.get_by_label("Your name").fill("Ada")
    page.get_by_label("Token").fill(TOKEN)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_load_state()


def _tab_to(page: Any, selector: str) -> None:
    """Go on by keyboard until something has the focus; it is never more than a page away."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    raise AssertionError(f"{selector} is not reached by keyboard")


def test_a_story_is_labelled_by_keyboard_alone(open_here: Open, place: Place) -> None:
    """From its page to signing in, back, to the form, and to the page that tells who chose; no mouse, no script."""
    uid = uid_of(place, "sea level")
    page = open_here(f"/story/{uid}", script=False)
    _tab_to(page, "footer a[rel=nofollow]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/hand?next=*")
    _tab_to(page, "#name")
    page.keyboard.type("Ada")
    page.keyboard.press("Tab")
    page.keyboard.type(TOKEN)
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/story/{uid}")
    _tab_to(page, f'a[href="/hand/label/{uid}"]')
    page.keyboard.press("Enter")
    page.wait_for_url("**/hand/label/*")
    _tab_to(page, "#topic-1")
    page.keyboard.type("Adap")
    page.keyboard.press("Tab")
    page.keyboard.type("Foss")
    _tab_to(page, "main button")
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/story/{uid}#why")
    assert "A person said so: Ada" in page.locator("#why").inner_text()
    assert page.locator("header .topic").first.inner_text().startswith("Adaptation")
    assert place.acts()[0] == ("Ada", "labelled", "adaptation, fossil-fuels")


@pytest.mark.parametrize("script", [True, False])
def test_a_withdrawal_is_asked_twice(open_here: Open, place: Place, script: bool) -> None:
    """Why, and whether it is meant: the browser sends neither form without an answer."""
    uid = uid_of(place, "sea level")
    page = open_here(f"/hand/withdraw/{uid}", script=script)
    _sign_in(page)
    page.get_by_role("button", name="Go on").click()
    assert page.get_by_label("Why?").evaluate("one => one.validity.valueMissing")
    page.get_by_label("Why?").fill("asked for by its author")
    page.get_by_role("button", name="Go on").click()
    page.get_by_text("asked for by its author").wait_for()
    page.get_by_role("button", name="Withdraw it for good").click()
    assert page.get_by_label("I mean it").evaluate("one => one.validity.valueMissing")
    assert [kind for _, kind, _ in place.acts()] == ["signed_in"]
    page.get_by_label("I mean it").check()
    page.get_by_role("button", name="Withdraw it for good").click()
    page.wait_for_url("**/hand")
    assert "Withdrawn: story" in page.get_by_role("status").inner_text()
    page.goto(f"{place.url}/story/{uid}")
    assert "asked for by its author" in page.locator("main").inner_text()
    page.goto(f"{place.url}/hand")
    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Token").wait_for()


def test_the_desk_keeps_nobody_out(open_here: Open, place: Place) -> None:
    """No serious fault is found by axe, in light and dark; nothing is wider than 360 px; the browser mends no tag."""
    uid = uid_of(place, "sea level")
    paths = ("/hand", f"/hand/label/{uid}", f"/hand/withdraw/{uid}", "/hand/rerun/latest", "/acts", f"/story/{uid}")
    for scheme, width in (("light", 1280), ("dark", 360)):
        page = open_here("/hand", color_scheme=scheme, viewport={"width": width, "height": 900})
        for path in ("/hand?", *paths):
            page.goto(f"{place.url}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path
            found = page.evaluate(f"(() => {{ {AXE}; return axe.run(document, {{resultTypes: ['violations']}}); }})()")
            serious = [one for one in found["violations"] if one["impact"] in {"serious", "critical"}]
            assert [(one["id"], one["nodes"][0]["html"]) for one in serious] == [], path
            source = page.request.get(f"{place.url}{path}").text()
            written = _Written()
            written.feed(source)
            read = page.evaluate(READ, source)
            assert (read["found"], read["unknown"], written.open) == (written.found, 0, []), path
            assert len(written.ids) == len(set(written.ids)), path
            if path == "/hand?":
                _sign_in(page)


def test_paper_has_no_forms(open_here: Open, place: Place) -> None:
    """What was done is printed, what could be done is not."""
    page = open_here("/hand")
    _sign_in(page)
    page.emulate_media(media="print")
    assert not page.locator("form.hand").is_visible()
    assert page.locator("table.ledger").is_visible()
