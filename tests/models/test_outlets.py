"""Who published a story, by the feeds that show it and its address."""

import pytest

from models.outlets import Outlet, handed_in, outlets, site_of


@pytest.mark.parametrize(
    ("feeds", "url", "expected"),
    [
        pytest.param(["one", "two"], "https://a.example/x", (Outlet("one"), Outlet("two")), id="its feeds"),
        pytest.param(["one", "import:x"], "https://a.example/x", (Outlet("one"),), id="handed in too"),
        pytest.param(["import:x"], "https://www.a.example/x", (Outlet("import:x", "a.example"),), id="handed in alone"),
        pytest.param(["import", "import:x"], "https://a.example/", (Outlet("import", "a.example"),), id="twice"),
        pytest.param(["import:x"], None, (Outlet("import:x"),), id="a text without an address"),
        pytest.param(["important"], None, (Outlet("important"),), id="a name that begins alike"),
        pytest.param([], "https://a.example/", (), id="shown by none"),
    ],
)
def test_a_story_stands_where_it_was_published(feeds: list[str], url: str | None, expected: tuple[Outlet, ...]) -> None:
    """Whoever hands it in has not published it."""
    assert outlets(feeds, url) == expected


def test_a_text_without_an_address_is_nobodys() -> None:
    """All others were published by somebody."""
    known = [Outlet("one").is_known, Outlet("import:x", "a.example").is_known, Outlet("import:x").is_known]
    assert known == [True, True, False]


@pytest.mark.parametrize(
    ("url", "site"),
    [
        ("https://www.One.example:8443/a", "one.example"),
        ("http://127.0.0.1:80/a", "127.0.0.1"),
        ("ftp://one.example/a", None),
        ("http://[::1/a", None),
        ("http://", None),
        ("", None),
    ],
)
def test_a_site_is_a_host_of_the_web(url: str, site: str | None) -> None:
    """Without its port, and without www."""
    assert site_of(url) == site


def test_what_was_handed_in_names_its_source() -> None:
    """A feed is not handed in."""
    assert [handed_in(one) for one in ("import", "import:clippings", "one")] == [
        "handed in",
        "handed in (clippings)",
        None,
    ]
