"""Whose text a story shows, and when that is a new version, as scenarios."""

from msgspec.structs import replace

from models.stages import Problem
from tests.builders import NOON, Piece
from tests.flows.steps.identity_cases import LIKE, OTHER, SEA
from tests.page_builders import Page
from tests.scenarios import Case, Feeds, RunContext, night, of, words

LONG = of(SEA, text=words("long", 1200))
FULL = of(SEA, text=words("full", 4500))
PAGE = Page(title="Sea rises", text=words("page", 1500))


def both(first: str, one: Piece, second: str, other: Piece) -> RunContext:
    """Have two feeds show a document each, in this order."""
    return RunContext(shows={first: [one], second: [other]})


TEXT_SOURCES = [
    Case(
        says="a longer text takes the lead in the same night without another version",
        nights=[both("a", SEA, "b", LONG)],
        outcomes=["a: new; b: duplicate"],
        stories=["Sea rises <b> first"],
    ),
    Case(
        says="a longer text of a later night completes the story",
        nights=[night(SEA), RunContext(shows={"b": [LONG]})],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <b> first completed"],
    ),
    Case(
        says="a text of the same class from a feed that stands later changes nothing",
        nights=[night(SEA), RunContext(shows={"b": [of(SEA, text=words("b", 240))]})],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="a text of the same class from a feed that stands earlier takes the lead",
        nights=[RunContext(shows={"b": [SEA]}), night(of(SEA, text=OTHER))],
        outcomes=["b: new", "a: duplicate"],
        stories=["Sea rises <a> first completed"],
    ),
    Case(
        says="a change of a text that does not lead makes no version",
        nights=[both("a", SEA, "b", LONG), night(of(SEA, text=OTHER))],
        outcomes=["a: new; b: duplicate", "a: unchanged"],
        stories=["Sea rises <b> first"],
    ),
    Case(
        says="a leader that grows short still leads",
        nights=[both("a", LONG, "b", SEA), night(of(SEA, text="gone")), RunContext(shows={"b": [of(SEA, text=OTHER)]})],
        outcomes=["a: new; b: duplicate", "a: updated", "b: unchanged"],
        stories=["Sea rises <a> first revised"],
    ),
    Case(
        says="the title comes from the first feed that has one, in either order",
        nights=[both("a", of(LONG, title=""), "b", of(SEA, title="From b"))],
        outcomes=["a: new; b: duplicate"],
        stories=["From b <a> first"],
    ),
    Case(
        says="the title comes from the first feed that has one, in the other order",
        nights=[both("b", of(SEA, title="From b"), "a", of(LONG, title=""))],
        outcomes=["b: new; a: duplicate"],
        stories=["From b <a> first"],
    ),
    Case(
        says="a title that its feed takes back stays",
        nights=[night(SEA), night(of(SEA, title="", text=LIKE))],
        outcomes=["a: new", "a: updated"],
        stories=["Sea rises <a> first revised"],
    ),
    Case(
        says="a leader out of feeds.yaml leads until another feed's text changes",
        nights=[
            both("a", LONG, "b", SEA),
            RunContext(shows={"b": [of(SEA, tags=("sea",))], "c": [of(SEA, text=words("c"))]}, without=frozenset("a")),
            RunContext(shows={"b": [of(SEA, text=LIKE)]}, without=frozenset("a")),
        ],
        outcomes=["a: new; b: duplicate", "b: unchanged; c: duplicate", "b: updated"],
        stories=["Sea rises <b> first revised"],
    ),
    Case(
        says="a better text takes the lead from a feed that is out of feeds.yaml",
        nights=[night(SEA), RunContext(shows={"b": [LONG]}, without=frozenset("a"))],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <b> first completed"],
    ),
    Case(
        says="a feed that comes back to feeds.yaml takes its lead back by a change",
        nights=[
            both("a", LONG, "b", SEA),
            RunContext(shows={"b": [of(SEA, text=LIKE)]}, without=frozenset("a")),
            night(of(LONG, text=words("back", 1300))),
        ],
        outcomes=["a: new; b: duplicate", "b: updated", "a: updated"],
        stories=["Sea rises <a> first revised completed"],
    ),
    Case(
        says="the page leads before every feed, and a feed's change makes it due",
        nights=[
            RunContext(shows={"a": [SEA]}, pages={1: PAGE}),
            RunContext(shows={"a": [of(SEA, text=LIKE)], "b": [FULL]}),
            RunContext(pages={1: PAGE}),
        ],
        outcomes=["a: new; page 1: completed", "a: unchanged; b: duplicate", "page 1: unchanged"],
        stories=["Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a new title of the first feed is the story's while its page leads, and a revision once that is read",
        nights=[
            RunContext(shows={"a": [SEA]}, pages={1: PAGE}),
            night(of(SEA, title="Seas rise")),
            RunContext(pages={1: replace(PAGE, title="Seas rise")}),
        ],
        outcomes=["a: new; page 1: completed", "a: unchanged", "page 1: revised"],
        stories=["Seas rise <page> first completed revised"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="an author, a tag or a date changes in place",
        nights=[night(SEA), night(of(SEA, authors=("Ada",), tags=("sea",), published_at=NOON))],
        outcomes=["a: new", "a: unchanged"],
        stories=["Sea rises <a> first"],
    ),
]

VERSIONS = [
    Case(
        says="an earlier text that comes back is restored",
        nights=[night(SEA), night(of(SEA, text=LIKE)), night(SEA)],
        outcomes=["a: new", "a: updated", "a: updated"],
        stories=["Sea rises <a> first revised restored"],
    ),
    Case(
        says="a third return within 30 days is flapping and adds no row",
        nights=[night(of(SEA, text=text)) for text in (OTHER, LIKE, OTHER, LIKE, OTHER, LIKE, OTHER)],
        outcomes=["a: new", *["a: updated"] * 3, *["a: unchanged"] * 3],
        stories=["Sea rises <a> first revised restored restored [flapping]"],
    ),
    Case(
        says="a story that flaps keeps the title of its text",
        nights=[night(of(SEA, title=title)) for title in ("One", "Two", "One", "Two", "One")],
        outcomes=["a: new", *["a: updated"] * 3, "a: unchanged"],
        stories=["Two <a> first revised restored restored [flapping]"],
    ),
    Case(
        says="a story that flaps can still be revised",
        nights=[night(of(SEA, text=text)) for text in (OTHER, LIKE, OTHER, LIKE, OTHER, words("new"))],
        outcomes=["a: new", *["a: updated"] * 3, "a: unchanged", "a: updated"],
        stories=["Sea rises <a> first revised restored restored revised [flapping]"],
    ),
    Case(
        says="returns with 30 days between them are restorations",
        nights=[night(of(SEA, text=text), days=40) for text in (OTHER, LIKE, OTHER, LIKE, OTHER)],
        outcomes=["a: new", *["a: updated"] * 4],
        stories=["Sea rises <a> first revised restored restored restored"],
    ),
    Case(
        says="a revision and a better text in one night are one version",
        nights=[night(SEA), both("a", of(SEA, text=LIKE), "b", LONG)],
        outcomes=["a: new", "a: updated; b: duplicate"],
        stories=["Sea rises <b> first revised"],
    ),
    Case(
        says="a night that crashed between two feeds is made good as one night",
        nights=[
            RunContext(shows={"b": [SEA]}, is_crashed=True),
            RunContext(is_crashed=True),
            both("b", SEA, "a", of(SEA, text=OTHER)),
        ],
        outcomes=["b: new", "", "b: unchanged; a: duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="a night that crashed between feed and page is made good",
        nights=[
            RunContext(shows={"a": [SEA]}, is_crashed=True),
            RunContext(shows={"a": [SEA]}, pages={1: PAGE}),
        ],
        outcomes=["a: new", "a: unchanged; page 1: completed"],
        stories=["Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that changes is revised, and gone it keeps its text",
        nights=[
            RunContext(shows={"a": [SEA]}, pages={1: PAGE}),
            RunContext(pages={1: replace(PAGE, text=words("page", 1500) + " corrected")}),
            RunContext(pages={1: PAGE}),
            RunContext(pages={1: Page(status=404, text=None)}),
        ],
        outcomes=["a: new; page 1: completed", "page 1: revised", "page 1: revised", "page 1: gone"],
        stories=["Sea rises <page> first completed revised restored"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that cannot be had leaves the feed's text",
        nights=[
            RunContext(
                shows={"a": [SEA]},
                pages={1: Page(status=503, text=None, problem=Problem(error="TryLater", message="503"))},
            )
        ],
        outcomes=["a: new; page 1: failed"],
        stories=["Sea rises <a> first [page due]"],
        feeds=Feeds(full_text="a"),
    ),
]
