"""feeds.yaml is read strictly: each mistake with its line, all of them at once. Additions keep what stands there."""

import os
import stat

import pytest

from config.feeds import add_feeds, dump_feeds, load_feeds, parse_feeds
from models.errors import ConfigError
from models.stages import FeedKind, FeedSpec, Relevance, Rights

GOOD = "{id: a, name: A, url: 'https://a.example/feed'}"


def mistakes_of(text: str) -> list[str]:
    """Return the lines of the error that a text makes, without the summary."""
    with pytest.raises(ConfigError) as caught:
        parse_feeds("f.yaml", text)
    return str(caught.value).splitlines()[1:] or [str(caught.value)]


def test_the_feeds_that_are_installed_are_sound():
    """About forty feeds in many languages; their order is their position."""
    feeds = load_feeds()
    assert 38 <= len(feeds) <= 50
    assert [feed.position for feed in feeds] == list(range(len(feeds)))
    assert {"en", "fr", "de", "es", "pt-BR", "ja", "zh", "fi"} <= {feed.language for feed in feeds}
    assert {feed.relevance for feed in feeds} == set(Relevance)
    assert all(feed.country and feed.url.startswith("https://") for feed in feeds)


def test_every_key_of_a_block_reaches_the_feed():
    """Country NO is Norway and language no is Norwegian, not falsehood."""
    text = """feeds:
  - id: nrk-klima
    name: "NRK: Klima"
    url: https://nrk.example/feed?a=1
    language: no
    country: NO
    relevance: assume
    full_text: true
    min_entries: 5
    rights: excerpt
    kind: sitemap
"""
    assert parse_feeds("f.yaml", text) == (
        FeedSpec(
            id="nrk-klima",
            name="NRK: Klima",
            url="https://nrk.example/feed?a=1",
            position=0,
            language="no",
            country="NO",
            relevance=Relevance.ASSUME,
            full_text=True,
            min_entries=5,
            rights=Rights.EXCERPT,
            kind=FeedKind.SITEMAP,
        ),
    )


def test_what_a_block_leaves_out_has_its_default():
    """A feed vouches for nothing and its pages are not followed unless the block says so."""
    (feed,) = parse_feeds("f.yaml", f"feeds:\n  - {GOOD}\n")
    assert (feed.relevance, feed.full_text, feed.language) == (Relevance.GATE, False, None)


@pytest.mark.parametrize(
    ("block", "reason"),
    [
        pytest.param("{name: A, url: 'https://a.example'}", "feed 1 lacks 'id'", id="no id"),
        pytest.param("{id: a}", "feed 'a' lacks 'name'", id="no name"),
        pytest.param("just text", "feed 1 must be a mapping", id="no mapping"),
        pytest.param("[a, b]", "feed 1 must be a mapping", id="a list"),
        pytest.param(
            "{id: A b, name: A, url: 'https://a.example'}", "id must be up to 64 small letters", id="bad slug"
        ),
        pytest.param("{id: import, name: A, url: 'https://a.example'}", "which the archive itself uses", id="import"),
        pytest.param("{id: page, name: A, url: 'https://a.example'}", "which the archive itself uses", id="page"),
        pytest.param("{id: 'import:x', name: A, url: 'https://a.example'}", "id must be up to 64", id="an import"),
        pytest.param("{id: [a], name: A, url: 'https://a.example'}", "id must be a text", id="a list for an id"),
        pytest.param("{id: a, name: , url: 'https://a.example'}", "name is empty", id="empty name"),
        pytest.param("{id: a, name: A, url: 'ftp://a.example'}", "url must be an address", id="another scheme"),
        pytest.param("{id: a, name: A, url: 'https:///feed'}", "url must be an address", id="no host"),
        pytest.param("{id: a, name: A, url: 'http://[::1/'}", "url must be an address", id="broken IPv6"),
        pytest.param("{id: a, name: A, url: 'http://a b'}", "url must be an address", id="a blank in the address"),
        pytest.param(GOOD[:-1] + ", relevance: asume}", "did you mean assume.", id="relevance misspelt"),
        pytest.param(GOOD[:-1] + ", full_text: maybe}", "full_text must be true or false", id="neither true nor false"),
        pytest.param(GOOD[:-1] + ", full_txt: true}", "did you mean 'full_text'?", id="key misspelt"),
        pytest.param(GOOD[:-1] + ", name: B}", "has the key 'name' twice", id="key given twice"),
        pytest.param(GOOD[:-1] + ", min_entries: -1}", "whole number from 1", id="a negative number"),
        pytest.param(GOOD[:-1] + ", country: Germany}", "two capital letters", id="country in full"),
        pytest.param(GOOD[:-1] + ", country: UK}", "country must be GB", id="country by another code"),
        pytest.param(GOOD[:-1] + ", language: english language}", "language tag", id="language in full"),
    ],
)
def test_a_bad_block_is_named_with_its_line(block, reason):
    """The line is that of the mistake, counted from 1."""
    (mistake, *_) = mistakes_of(f"feeds:\n  # a comment\n  - {block}\n")
    assert mistake.startswith("f.yaml:3: ")
    assert reason in mistake


def test_doubles_are_found_between_blocks_with_other_mistakes():
    """A double id or address is told together with whatever else is wrong with either block, or the file."""
    text = f"""feeds:
  - {GOOD[:-1]}, relevance: asume}}
  - {{id: a, name: B, url: 'https://b.example', country: Germany}}
  - {{name: C, url: 'https://b.example'}}
"""
    found = mistakes_of(text)
    assert [line.split(":")[1] for line in found] == ["2", "3", "3", "4", "4"]
    assert "f.yaml:3: feed 'a' has the id of the feed at line 2." in found
    assert "f.yaml:4: feed 3 has the url of the feed at line 3." in found


@pytest.mark.parametrize(
    ("text", "place", "reason"),
    [
        pytest.param("feeds:\n\t- a\n", "f.yaml:2:", "not YAML", id="a tab"),
        pytest.param("feeds: [\n", "f.yaml:2:", "not YAML", id="an open bracket"),
        pytest.param("feeds: \x00\n", "f.yaml", "not YAML", id="a control character"),
        pytest.param("", "f.yaml:1:", "must be a mapping", id="an empty file"),
        pytest.param("- a\n", "f.yaml:1:", "must be a mapping", id="a list at the top"),
        pytest.param("feeds: 5\n", "f.yaml:1:", "feeds must be a list", id="a number for the list"),
        pytest.param("feeds: []\n", "f.yaml:1:", "lists no feed", id="no feed at all"),
        pytest.param("feed: []\n", "f.yaml:1:", "did you mean 'feeds'?", id="the top key misspelt"),
        pytest.param("feeds: &a [1]\nb: *a\n", "f.yaml:2:", "aliases", id="an alias"),
        pytest.param("feeds: " + "[" * 50 + "]" * 50, "f.yaml:1:", "nested too deeply", id="nested without end"),
    ],
)
def test_a_broken_file_is_named_with_its_line(text, place, reason):
    """Whatever is wrong with the file as a whole is one sentence too."""
    mistake = mistakes_of(text)[0]
    assert mistake.startswith(place)
    assert reason in mistake


def test_all_mistakes_are_told_at_once_in_the_order_of_lines():
    """Doubles are found between sound blocks: of the id, and of the address in other clothes."""
    text = f"""feeds:
  - {GOOD}
  - {{id: a, name: B, url: 'https://b.example'}}
  - {{id: c, name: C, url: 'http://A.example/feed/'}}
  - {{id: d}}
"""
    found = mistakes_of(text)
    assert [line.split(":")[1] for line in found] == ["3", "4", "5", "5"]
    assert "has the id of the feed at line 2" in found[0]
    assert "has the url of the feed at line 2" in found[1]
    with pytest.raises(ConfigError, match=r"^f\.yaml has 4 mistakes\."):
        parse_feeds("f.yaml", text)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        pytest.param(None, "cannot be read", id="missing"),
        pytest.param(b"feeds:\n  - \xff\n", "feeds.yaml:2: this is not UTF-8", id="not UTF-8"),
        pytest.param(b"#" * 2_000_001, "is over", id="huge"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(tmp_path, content, reason):
    """Its path is named."""
    path = tmp_path / "feeds.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load_feeds(path)
    assert str(path) in str(caught.value)
    assert reason in str(caught.value)


NEW = FeedSpec(id="new", name='Neu: "Klima" & 气候', url="https://new.example/?a=1#b", position=9, language="de")


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(f"# mine\nfeeds:\n  - {GOOD}  # kept\n", id="flow blocks, indented"),
        pytest.param(
            "feeds:\n- id: a\n  name: A\n  url: https://a.example/feed\n# end", id="no indent, no last newline"
        ),
        pytest.param("feeds:\n      - id: a\n        name: A\n        url: https://a.example/feed\n", id="deep indent"),
    ],
)
def test_added_feeds_stand_below_and_every_line_stays(tmp_path, before):
    """What a person wrote is kept to the letter, comments included."""
    path = tmp_path / "feeds.yaml"
    path.write_text(before, encoding="utf-8")
    add_feeds(path, [NEW])
    assert path.read_text(encoding="utf-8").startswith(before)
    assert [feed.id for feed in load_feeds(path)] == ["a", "new"]
    assert load_feeds(path)[1].name == NEW.name
    assert list(tmp_path.iterdir()) == [path]


def test_the_first_feeds_make_the_file(tmp_path):
    """A missing file and its folder are made; a file with an empty list is filled."""
    path = tmp_path / "new" / "feeds.yaml"
    add_feeds(path, [NEW])
    assert [feed.id for feed in load_feeds(path)] == ["new"]
    path.write_text("feeds:\n")
    add_feeds(path, [NEW])
    assert [feed.id for feed in load_feeds(path)] == ["new"]


def test_the_rights_of_the_file_are_kept(tmp_path):
    """Replacing the file does not open or close it to others."""
    path = tmp_path / "feeds.yaml"
    path.write_text(f"feeds:\n  - {GOOD}\n")
    os.chmod(path, 0o640)  # noqa: PTH101
    add_feeds(path, [NEW])
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("before", "reason"),
    [
        pytest.param(
            "feeds:\n  - {id: new, name: A, url: 'https://a.example'}\n", "has the id", id="an id that is there"
        ),
        pytest.param(f"feeds: [{GOOD}]\n", "a block of its own", id="a list in brackets"),
        pytest.param("feeds:\n  - {id: x}\n", "lacks 'name'", id="a file with mistakes"),
    ],
)
def test_what_cannot_be_added_changes_nothing(tmp_path, before, reason):
    """The loader reads the result before it is written."""
    path = tmp_path / "feeds.yaml"
    path.write_text(before)
    with pytest.raises(ConfigError, match=reason):
        add_feeds(path, [NEW])
    assert path.read_text() == before
    assert list(tmp_path.iterdir()) == [path]


def test_dumped_feeds_are_read_back_equal():
    """The writer and the loader agree on every field."""
    feeds = load_feeds()
    assert parse_feeds("f.yaml", "feeds:\n" + dump_feeds(feeds)) == feeds


def test_a_list_that_is_a_link_is_written_where_it_lies(tmp_path):
    """A person keeps it in a repository, and links to it from here."""
    real, link = tmp_path / "repository" / "list.yaml", tmp_path / "feeds.yaml"
    real.parent.mkdir()
    real.write_text("feeds:\n  - {id: one, name: One, url: https://one.example/}\n")
    link.symlink_to(real)
    add_feeds(link, [NEW])
    assert link.is_symlink()
    assert [feed.id for feed in load_feeds(real)] == ["one", NEW.id]
    assert [path.name for path in real.parent.iterdir()] == ["list.yaml"]
