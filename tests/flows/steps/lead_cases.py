"""The rules of text, versions, admission and takedown as scenarios."""

from dataclasses import replace

from models.stages import Problem
from tests.builders import NOON, Piece
from tests.flows.steps.identity_cases import ADDRESS, ICE, LIKE, OTHER, SEA, Case, night, of
from tests.page_builders import Page
from tests.scenarios import Feeds, Night, words

LONG = of(SEA, text=words("long", 1200))
FULL = of(SEA, text=words("full", 4500))
PAGE = Page(title="Sea rises", text=words("page", 1500))
GATED = Feeds(gated="ac")
OFF = of(SEA, is_relevant=False)


def both(first: str, one: Piece, second: str, other: Piece) -> Night:
    """Have two feeds show a document each, in this order."""
    return Night(shows={first: [one], second: [other]})


LEADS = [
    Case(
        says="a longer text takes the lead in the same night without another version",
        nights=[both("a", SEA, "b", LONG)],
        outcomes=["a: new; b: duplicate"],
        stories=["Sea rises <b> first"],
    ),
    Case(
        says="a longer text of a later night completes the story",
        nights=[night(SEA), Night(shows={"b": [LONG]})],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <b> first completed"],
    ),
    Case(
        says="a text of the same class from a feed that stands later changes nothing",
        nights=[night(SEA), Night(shows={"b": [of(SEA, text=words("b", 240))]})],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="a text of the same class from a feed that stands earlier takes the lead",
        nights=[Night(shows={"b": [SEA]}), night(of(SEA, text=OTHER))],
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
        nights=[both("a", LONG, "b", SEA), night(of(SEA, text="gone")), Night(shows={"b": [of(SEA, text=OTHER)]})],
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
            Night(shows={"b": [of(SEA, tags=("sea",))], "c": [of(SEA, text=words("c"))]}, without=frozenset("a")),
            Night(shows={"b": [of(SEA, text=LIKE)]}, without=frozenset("a")),
        ],
        outcomes=["a: new; b: duplicate", "b: unchanged; c: duplicate", "b: updated"],
        stories=["Sea rises <b> first revised"],
    ),
    Case(
        says="a better text takes the lead from a feed that is out of feeds.yaml",
        nights=[night(SEA), Night(shows={"b": [LONG]}, without=frozenset("a"))],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <b> first completed"],
    ),
    Case(
        says="a feed that comes back to feeds.yaml takes its lead back by a change",
        nights=[
            both("a", LONG, "b", SEA),
            Night(shows={"b": [of(SEA, text=LIKE)]}, without=frozenset("a")),
            night(of(LONG, text=words("back", 1300))),
        ],
        outcomes=["a: new; b: duplicate", "b: updated", "a: updated"],
        stories=["Sea rises <a> first revised completed"],
    ),
    Case(
        says="the page leads before every feed, and a feed's change makes it due",
        nights=[
            Night(shows={"a": [SEA]}, pages={1: PAGE}),
            Night(shows={"a": [of(SEA, text=LIKE)], "b": [FULL]}),
            Night(pages={1: PAGE}),
        ],
        outcomes=["a: new; page 1: completed", "a: unchanged; b: duplicate", "page 1: unchanged"],
        stories=["Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a new title of the first feed is the story's while its page leads, and a revision once that is read",
        nights=[
            Night(shows={"a": [SEA]}, pages={1: PAGE}),
            night(of(SEA, title="Seas rise")),
            Night(pages={1: replace(PAGE, title="Seas rise")}),
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
            Night(shows={"b": [SEA]}, is_crashed=True),
            Night(is_crashed=True),
            both("b", SEA, "a", of(SEA, text=OTHER)),
        ],
        outcomes=["b: new", "", "b: unchanged; a: duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="a night that crashed between feed and page is made good",
        nights=[
            Night(shows={"a": [SEA]}, is_crashed=True),
            Night(shows={"a": [SEA]}, pages={1: PAGE}),
        ],
        outcomes=["a: new", "a: unchanged; page 1: completed"],
        stories=["Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that changes is revised, and gone it keeps its text",
        nights=[
            Night(shows={"a": [SEA]}, pages={1: PAGE}),
            Night(pages={1: replace(PAGE, text=words("page", 1500) + " corrected")}),
            Night(pages={1: PAGE}),
            Night(pages={1: Page(status=404, text=None)}),
        ],
        outcomes=["a: new; page 1: completed", "page 1: revised", "page 1: revised", "page 1: gone"],
        stories=["Sea rises <page> first completed revised restored"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that cannot be had leaves the feed's text",
        nights=[
            Night(
                shows={"a": [SEA]},
                pages={1: Page(status=503, text=None, problem=Problem(error="TryLater", message="503"))},
            )
        ],
        outcomes=["a: new; page 1: failed"],
        stories=["Sea rises <a> first [page due]"],
        feeds=Feeds(full_text="a"),
    ),
]

ADMISSION = [
    Case(
        says="what the gate turns away is a story off topic, without a page",
        nights=[night(OFF), night(OFF)],
        outcomes=["a: off_topic", "a: off_topic"],
        stories=["Sea rises <a> first [off topic]"],
        feeds=Feeds(gated="a", full_text="a"),
    ),
    Case(
        says="an entry turned away twice in a document is off topic once",
        nights=[night(OFF, OFF)],
        outcomes=["a: off_topic duplicate"],
        stories=["Sea rises <a> first [off topic]"],
        feeds=GATED,
    ),
    Case(
        says="a feed that vouches admits what another was turned away with",
        nights=[both("a", OFF, "b", of(OFF, guid="b"))],
        outcomes=["a: off_topic; b: new"],
        stories=["Sea rises <a> first"],
        feeds=GATED,
    ),
    Case(
        says="a text that changes is judged again, and its story's page is asked for",
        nights=[night(OFF), night(of(SEA, text=LIKE))],
        outcomes=["a: off_topic", "a: new"],
        stories=["Sea rises <a> first revised [page due]"],
        feeds=Feeds(gated="a", full_text="a"),
    ),
    Case(
        says="the same text is not judged again, whatever else changes",
        nights=[night(OFF), night(of(SEA, tags=("sea",)))],
        outcomes=["a: off_topic", "a: off_topic"],
        stories=["Sea rises <a> first [off topic]"],
        feeds=GATED,
    ),
    Case(
        says="another gated feed's text is judged for itself",
        nights=[both("a", OFF, "c", of(SEA, text=OTHER)), Night(shows={"c": [of(SEA, text=OTHER, tags=("x",))]})],
        outcomes=["a: off_topic; c: new", "c: unchanged"],
        stories=["Sea rises <a> first"],
        feeds=GATED,
    ),
    Case(
        says="nothing admitted is turned out",
        nights=[night(SEA), night(of(OFF, text=LIKE))],
        outcomes=["a: new", "a: updated"],
        stories=["Sea rises <a> first revised"],
        feeds=GATED,
    ),
    Case(
        says="a second feed that follows its entries asks for the page once",
        nights=[Night(shows={"a": [SEA]}), Night(shows={"b": [of(SEA, text=OTHER)]})],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <a> first [page due]"],
        feeds=Feeds(full_text="b"),
    ),
]

WITHDRAWN = [
    Case(
        says="a withdrawn story does not come back by its address, whatever its words",
        nights=[night(SEA, ICE), Night(shows={"a": [of(SEA, guid="9", title="Oceans", text=OTHER)]}, withdrawn=(1,))],
        outcomes=["a: new new", "a: unchanged"],
        stories=["- <a> [withdrawn]", "Ice melts <a> first"],
    ),
    Case(
        says="a withdrawn story does not come back by another feed, nor later by what that called it",
        nights=[
            night(SEA),
            Night(shows={"b": [of(SEA, guid="b1")]}, withdrawn=(1,)),
            Night(shows={"b": [of(SEA, guid="b1", url="https://news.example/moved")]}),
        ],
        outcomes=["a: new", "b: unchanged", "b: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a withdrawn story known by its guid alone does not come back with new words",
        nights=[night(of(SEA, url=None)), Night(shows={"a": [of(SEA, url=None, text=OTHER)]}, withdrawn=(1,))],
        outcomes=["a: new", "a: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a withdrawn story's words do not come back under a new address of its guid",
        nights=[night(SEA), Night(shows={"a": [of(SEA, url=ADDRESS + "2")]}, withdrawn=(1,))],
        outcomes=["a: new", "a: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a withdrawn story's guid used again at another address, for other words, is another story",
        nights=[night(SEA), Night(shows={"a": [of(ICE, guid="1")]}, withdrawn=(1,))],
        outcomes=["a: new", "a: new"],
        stories=["- <a> [withdrawn]", "Ice melts <a> first"],
    ),
    Case(
        says="a withdrawn story that was never admitted stays off topic",
        nights=[night(OFF), Night(shows={"a": [of(OFF, text=LIKE)]}, withdrawn=(1,))],
        outcomes=["a: off_topic", "a: off_topic"],
        stories=["- <a> [off topic] [withdrawn]"],
        feeds=GATED,
    ),
    Case(
        says="a page that was on the way when its story was withdrawn brings nothing back",
        nights=[Night(shows={"a": [SEA]}), Night(withdrawn=(1,), pages={1: PAGE})],
        outcomes=["a: new", "page 1: unchanged"],
        stories=["- <a> [withdrawn]"],
        feeds=Feeds(full_text="a"),
    ),
]

MERGERS = [
    Case(
        says="a page that names an older story of its title as its own address is that story",
        nights=[
            Night(shows={"a": [SEA], "b": [of(SEA, url=ADDRESS + "/amp", guid="b1")]}),
            Night(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
            Night(shows={"a": [SEA], "b": [of(SEA, url=ADDRESS + "/amp", guid="b1")]}),
            Night(shows={"b": [of(SEA, url=ADDRESS + "/amp", guid="b1", text=LIKE)]}),
        ],
        outcomes=["a: new; b: new", "page 2: unchanged", "a: unchanged; b: unchanged", "b: unchanged"],
        stories=["Sea rises <a> first [page due]", "Sea rises <b> first [part of 1]"],
        feeds=Feeds(full_text="b"),
    ),
    Case(
        says="the younger of two becomes part of the older, whichever page says so",
        nights=[
            night(SEA, of(SEA, url=ADDRESS + "/amp", guid="2", title="SEA RISES")),
            Night(pages={1: replace(PAGE, canonical_url=ADDRESS + "/amp")}),
        ],
        outcomes=["a: new new", "page 1: completed"],
        stories=["Sea rises <page> first completed", "SEA RISES <a> first [part of 1]"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="what was merged follows where its story is merged in turn",
        nights=[
            night(*(of(SEA, url=f"{ADDRESS}/{n}", guid=str(n)) for n in (1, 2, 3))),
            Night(pages={3: replace(PAGE, canonical_url=f"{ADDRESS}/2")}),
            Night(pages={2: replace(PAGE, final_url=f"{ADDRESS}/1")}),
            night(*(of(SEA, url=f"{ADDRESS}/{n}", guid=str(n)) for n in (3, 2, 1))),
            night(of(SEA, url=f"{ADDRESS}/3", guid="3")),
            night(of(SEA, url=f"{ADDRESS}/3", guid="3", text=LIKE)),
        ],
        outcomes=[
            "a: new new new",
            "page 3: unchanged",
            "page 2: unchanged",
            "a: duplicate duplicate unchanged",
            "a: unchanged",
            "a: updated",
        ],
        stories=[
            "Sea rises <a> first revised [page due]",
            "Sea rises <a> first [part of 1]",
            "Sea rises <a> first [part of 1]",
        ],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that names a story of another title is not that story",
        nights=[night(SEA, ICE), Night(pages={2: replace(PAGE, title="Ice melts", canonical_url=ADDRESS)})],
        outcomes=["a: new new", "page 2: completed"],
        stories=["Sea rises <a> first [page due]", "Ice melts <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that names a story of another site is not that story",
        nights=[
            night(SEA, of(SEA, url="https://copy.example/sea", guid="2")),
            Night(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
        ],
        outcomes=["a: new new", "page 2: completed"],
        stories=["Sea rises <a> first [page due]", "Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a story that was turned away is admitted by the one that becomes part of it",
        nights=[
            Night(shows={"a": [OFF], "b": [of(SEA, url=ADDRESS + "/amp", guid="b1")]}),
            Night(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
        ],
        outcomes=["a: off_topic; b: new", "page 2: unchanged"],
        stories=["Sea rises <a> first [page due]", "Sea rises <b> first [off topic] [part of 1]"],
        feeds=Feeds(gated="a", full_text="b"),
    ),
    Case(
        says="a link to another site that holds the title is known by where it led",
        nights=[
            night(of(SEA, url="https://short.test/x")),
            Night(pages={1: replace(PAGE, final_url=ADDRESS)}),
            Night(shows={"b": [of(SEA, title="Oceans", text=OTHER)]}),
        ],
        outcomes=["a: new", "page 1: completed", "b: duplicate"],
        stories=["Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a link to another site that does not hold the title is not",
        nights=[
            night(of(SEA, url="https://short.test/x")),
            Night(pages={1: replace(PAGE, final_url=ADDRESS, title="Log in")}),
            Night(shows={"b": [of(SEA, title="Oceans", text=OTHER)]}),
        ],
        outcomes=["a: new", "page 1: refused", "b: new"],
        stories=["Sea rises <a> first", "Oceans <b> first"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that was on the way when its story was merged changes nothing",
        nights=[
            night(SEA, of(SEA, url=ADDRESS + "/amp", guid="2")),
            Night(pages={1: replace(PAGE, canonical_url=ADDRESS + "/amp"), 2: PAGE}),
        ],
        outcomes=["a: new new", "page 1: completed; page 2: unchanged"],
        stories=["Sea rises <page> first completed", "Sea rises <a> first [part of 1]"],
        feeds=Feeds(full_text="a"),
    ),
]
