"""watches.yaml is read strictly: each mistake with its line, all of them at once; no address stands in it."""

from pathlib import Path

import pytest
from msgspec.structs import replace

from config.addresses import Recipient, recipients
from config.settings import AlertSettings, Secret, Settings
from config.watches import ALERTS, load_watches, parse_watches
from models.errors import ConfigError
from models.watches import Watch

FEEDS = "feeds:\n  - {id: one, name: One, url: 'https://one.example/feed'}\n"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Give settings with a list of one feed."""
    (tmp_path / "feeds.yaml").write_text(FEEDS)
    return Settings(home=tmp_path, feeds_file=tmp_path / "feeds.yaml")


def mistakes_of(text: str, settings: Settings) -> list[str]:
    """Return the lines of the error that a text makes, without the summary."""
    with pytest.raises(ConfigError) as caught:
        parse_watches("w.yaml", text, settings)
    return str(caught.value).splitlines()[1:] or [str(caught.value)]


def test_without_a_file_there_are_none(settings: Settings) -> None:
    """The settings name one, or nothing is watched."""
    assert load_watches(settings) == ()


def test_every_key_of_a_block_reaches_the_watch(settings: Settings) -> None:
    """One item may stand without a list; language no is Norwegian."""
    text = """watches:
  - name: methane-leaks
    query: methane   -cattle "super emitter"
    topics: [energy-transition, adaptation, adaptation]
    feeds: [one, "import:clippings"]
    languages: no
    to: [atom, NEWSROOM_MAIL, CLIMATE_ARCHIVE_ALERTS__URLS]
"""
    (watch,) = parse_watches("w.yaml", text.replace("energy-transition", "policy"), settings)
    assert watch == Watch(
        name="methane-leaks",
        query='methane -cattle "super emitter"',
        topics=("policy", "adaptation"),
        feeds=("one", "import:clippings"),
        languages=("no",),
        to=("atom", "NEWSROOM_MAIL", ALERTS),
    )
    assert (watch.has_feed, watch.told) == (True, ("NEWSROOM_MAIL", ALERTS))


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        ("{query: sea, to: atom}", "watch 1 lacks 'name'"),
        ("{name: a, query: sea}", "watch 'a' lacks 'to'"),
        ("{name: a, to: atom}", "watch 'a' looks for nothing: give it query, topics, feeds or languages"),
        ("just text", "watch 1 must be a mapping"),
        ("{name: A b, query: sea, to: atom}", "name must be up to 64 small letters"),
        ("{name: a, qery: sea, to: atom}", "did you mean 'query'?"),
        ("{name: a, query: '', to: atom}", "query is empty"),
        ("{name: a, query: '-- **', to: atom}", "query has no word to look for"),
        (f"{{name: a, query: {'sea ' * 101}, to: atom}}", "query must have up to 400 characters, not 403"),
        ("{name: a, topics: [polciy], to: atom}", "topics names no topic: 'polciy'; did you mean 'policy'?"),
        ("{name: a, feeds: [on], to: atom}", "feeds names no feed: 'on'; did you mean 'one'?"),
        ("{name: a, languages: [english], to: atom}", "languages must be a language tag such as en"),
        ("{name: a, topics: [], to: atom}", "topics must have one to 40 items"),
        ("{name: a, topics: {b: c}, to: atom}", "topics must be a text"),
        ("{name: a, query: sea, to: newsroom}", "to must be atom, CLIMATE_ARCHIVE_ALERTS__URLS, or the name of"),
        ("{name: a, query: sea, to: CLIMATE_ARCHIVE_HOME}", "to must be atom, CLIMATE_ARCHIVE_ALERTS__URLS, or"),
        ("{name: a, query: sea, to: []}", "to must have one to 40 items"),
    ],
)
def test_a_mistake_is_named_with_its_line(settings: Settings, block: str, reason: str) -> None:
    """The line is that of the block or of what is wrong in it."""
    found = mistakes_of(f"# watches\nwatches:\n  - {block}\n", settings)
    assert any(line.startswith("w.yaml:3: ") and reason in line for line in found), found


def test_all_mistakes_are_named_at_once(settings: Settings) -> None:
    """Each at its own line, a name given twice too."""
    text = "watches:\n  - name: a\n    topics:\n    - x\n    to: atom\n  - {name: a, query: sea, to: atom}\n"
    lines = mistakes_of(text, settings)
    assert [line.split(": ")[0] for line in lines] == ["w.yaml:4", "w.yaml:6"]
    assert "has the name of the watch at line 2" in lines[1]


@pytest.mark.parametrize("address", ["mailto://ann:hunter2@example.org", "'slack://T/B/hunter2'", "HUNTER2/x"])
def test_an_address_has_no_place_in_the_file(settings: Settings, address: str) -> None:
    """It is refused, and not repeated: it may hold a password."""
    (line,) = mistakes_of(f"watches:\n  - {{name: a, query: sea, to: {address}}}\n", settings)
    assert "may hold a password" in line
    assert "hunter2" not in line.lower()


def test_a_file_that_is_not_there_is_said(settings: Settings, tmp_path: Path) -> None:
    """A setting that names nothing is a mistake."""
    named = replace(settings, watches_file=tmp_path / "none.yaml")
    with pytest.raises(ConfigError, match=r"none\.yaml cannot be read"):
        load_watches(named)


def test_rules_are_what_is_looked_for() -> None:
    """Who is told, and the order of a list, make no other rules; a word does."""
    one = Watch(name="a", query="sea", topics=("x", "y"), to=("atom",))
    assert one.rules == Watch(name="a", query="sea", topics=("y", "x"), to=("MAIL",)).rules
    assert one.rules != Watch(name="a", query="seas", topics=("x", "y"), to=("atom",)).rules


def test_addresses_are_found_by_their_names(settings: Settings) -> None:
    """A variable holds one; the setting of the alerts several, of which the first has its name alone."""
    environ = {"MAIL": " mailto://ann:hunter2@example.org?to=a,b ", "EMPTY": ""}
    (mail,) = recipients(settings, "MAIL", environ)
    assert mail == Recipient(name="MAIL", address=Secret("mailto://ann:hunter2@example.org?to=a,b"))
    assert "hunter2" not in repr(mail)
    assert [recipients(settings, name, environ)[0].address for name in ("EMPTY", "NONE", ALERTS)] == [None, None, None]
    alerts = AlertSettings(urls=(Secret("ntfy://a"), Secret("ntfy://b")))
    several = recipients(replace(settings, alerts=alerts), ALERTS, environ)
    assert [one.name for one in several] == [ALERTS, f"{ALERTS} 2"]
