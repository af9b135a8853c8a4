"""OPML as feed readers write it: names in any case, stray ampersands, broken lines."""

import pytest

from flows.cli.feeds.opml import Outline, read_opml
from models.errors import ConfigError

GOOD = '<outline text="Good" xmlUrl="https://good.example/feed"/>'


def opml(*outlines: str, head: str = "<?xml version='1.0'?>") -> bytes:
    """Write a list of outlines, a line each."""
    lines = "\n".join(outlines)
    return f"{head}<opml version='1.0'><head/><body>\n{lines}\n</body></opml>".encode()


FOUND = [
    ("xmlurl", "<outline TEXT='A' xmlurl='https://a.example/feed'/>", "https://a.example/feed", "A"),
    ("XMLURL", "<OUTLINE Title='A' XMLURL='https://a.example/feed' />", "https://a.example/feed", "A"),
    ("a bare ampersand in the address", '<outline text="A" xmlUrl="https://a.example/?x=1&copy=2&y=3"/>',
     "https://a.example/?x=1&copy=2&y=3", "A"),
    ("a bare ampersand in the name", '<outline text="R&D &amp; more" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "R&D & more"),
    ("a bare ampersand in another address", '<outline text="A" htmlUrl="https://a.example/?x&y" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "A"),
    ("a reference of HTML", '<outline text="Caf&eacute;&nbsp;Klima" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "Café Klima"),
    ("quotes within quotes", '<outline text="a "very" good one" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "a"),
    ("an angle bracket in the name", '<outline text="2 < 3" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "2 < 3"),
    ("a character that cannot be", '<outline text="A\x0b" xmlUrl="https://a.example/feed&#0;"/>',
     "https://a.example/feed", "A"),
    ("an attribute twice", '<outline text="A" text="B" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "B"),
    ("a prefix that nobody declares", '<outline x:y="1" text="A" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "A"),
    ("a folder that nobody closes", '<outline text="F"><outline text="A" xmlUrl="https://a.example/feed"/>',
     "https://a.example/feed", "A"),
    ("a line without an end", '<outline text="A" xmlUrl="https://a.example/feed',
     'text="A" xmlUrl="https://a.example/feed', ""),
]  # fmt: skip


@pytest.mark.parametrize(("line", "url", "name"), [row[1:] for row in FOUND], ids=[row[0] for row in FOUND])
def test_a_broken_line_costs_no_other(line: str, url: str, name: str) -> None:
    """A line is read as far as it can be; the one behind it always is."""
    found, good = read_opml(opml(line, GOOD))
    assert (found.url, found.name) == (url, name)
    assert good == Outline("https://good.example/feed", "Good", None, {})


@pytest.mark.parametrize(
    "document",
    [
        opml(GOOD)[:-15],
        b"\xef\xbb\xbf\n " + opml(GOOD),
        opml("<outline text='\xe9' xmlUrl=''/>", GOOD).replace(b"\xc3\xa9", b"\xe9"),
        opml(GOOD).decode().replace("<?xml version='1.0'?>", "<?xml version='1.0' encoding='utf-16'?>").encode(),
        opml(f"<!-- <outline xmlUrl='https://old.example/'/> & -->{GOOD}"),
        opml(GOOD, head="").replace(b"opml", b"OPML"),
        opml(GOOD, head="<!-- by a reader -->") + b"<br>",
    ],
    ids=["cut off", "blanks first", "not UTF-8", "another encoding", "a comment", "capitals", "junk behind"],
)
def test_a_broken_file_gives_its_feeds(document: bytes) -> None:
    """What is wrong around the lines costs none of them."""
    assert [one.url for one in read_opml(document)] == ["https://good.example/feed"]


def test_our_own_attributes_survive_a_broken_line() -> None:
    """A file of ours that somebody edited by hand keeps what it says of each feed."""
    line = '<outline text="A & B" xmlUrl="https://a.example/" archive:country="BR" archive:full_text="true"/>'
    [outline] = read_opml(opml(line))
    assert outline.own == {"country": "BR", "full_text": "true"}


def test_what_has_other_elements_first_is_no_opml() -> None:
    """A broken page with an outline in it is not taken for a list."""
    with pytest.raises(ConfigError, match="This is not OPML"):
        read_opml(b"<html><body><p>" + GOOD.encode())


def test_many_open_tags_cost_little() -> None:
    """A list of broken lines is read in the time of its length."""
    assert len(read_opml(opml('<outline text="' * 20_000, GOOD))) == 1
