"""The evidence for and against, as scenarios: articles that change under their names, and names that say nothing."""

from datetime import timedelta

from msgspec.structs import replace

from tests.builders import NOON, Piece
from tests.flows.steps.identity_cases import ADDRESS, GUID, LIKE, LINK, OTHER, SEA
from tests.flows.steps.lead_cases import PAGE
from tests.scenarios import Case, Feeds, RunContext, night, of, words

DATED = of(SEA, published_at=NOON)
DAY = NOON.replace(hour=0)
LATER = NOON + timedelta(hours=1)


def bulletin(number: int) -> Piece:
    """Make a warning: title and link are those of all warnings, guid, moment and text its own."""
    moment = NOON + timedelta(days=number)
    return of(SEA, title="Flood warning", text=words(f"brook{number}"), guid=f"urn:{number}", published_at=moment)


def update(number: int) -> Piece:
    """Make a state of an article whose guid counts them, and whose headline and teaser are rewritten each time."""
    return of(DATED, title=words(f"headline{number}", 30), text=words(f"teaser{number}"), guid=f"{ADDRESS}#{number}")


def tokened(number: int, token: str) -> Piece:
    """Make an article whose link is new at every request."""
    moment = NOON + timedelta(minutes=number)
    address = f"https://news.example/detail?v={token}{number}"
    return of(SEA, title=f"Paper {number}", text=words(f"paper{number}"), url=address, guid=None, published_at=moment)


def notice(number: int) -> Piece:
    """Make an entry without guid whose link is the front page, and whose moment is that of all others."""
    return of(DATED, title=f"Notice {number}", text=words(f"notice{number}"), url="https://news.example/", guid=None)


def part(number: int) -> Piece:
    """Make a state of an article whose headline counts and whose text grows."""
    return of(DATED, title=f"Part {number}", text=f"{LIKE} {words('more', 40 * number + 1)}")


AGAINST = [
    *(
        Case(
            says=f"articles of one day that are numbered {numbered} are so many stories, though one is shown a night",
            nights=[
                night(
                    of(
                        update(number),
                        title=f"Flood {number}",
                        url=f"https://news.example/{numbered}{number}" if has_address else None,
                        guid=None if has_address else f"{numbered}{number}",
                    )
                )
                for number in (0, 1, 2)
            ],
            outcomes=["a: new", "a: new", "a: new"],
            stories=[f"Flood {number} <a> first" for number in (0, 1, 2)],
        )
        for numbered, has_address in (("", True), ("part-", True), ("bulletin-", False), ("urn:x;", False))
    ),
    Case(
        says="warnings under one title and link, each with its own guid, moment and text, are so many stories",
        nights=[
            night(bulletin(2), bulletin(1)),
            night(bulletin(4), bulletin(3), bulletin(2), bulletin(1)),
            night(bulletin(5)),
        ],
        outcomes=["a: new new", "a: new new unchanged unchanged", "a: new"],
        stories=["Flood warning <a> first"] * 5,
    ),
    Case(
        says="and so they are where each night shows one of them",
        nights=[night(bulletin(number)) for number in (1, 2, 3, 2)],
        outcomes=["a: new", "a: new", "a: new", "a: unchanged"],
        stories=["Flood warning <a> first"] * 3,
    ),
    Case(
        says="and so they are where the feed names only their day",
        nights=[night(of(bulletin(number), published_at=DAY)) for number in (1, 2, 3)],
        outcomes=["a: new", "a: new", "a: new"],
        stories=["Flood warning <a> first"] * 3,
    ),
    Case(
        says="but a day is enough where the guid is the story's own, or new by nothing but a fragment",
        nights=[night(of(update(number), published_at=DAY)) for number in (0, 1)]
        + [night(of(update(2), published_at=DAY, guid=None))],
        outcomes=["a: new", "a: updated", "a: updated"],
        stories=[f"{words('headline2', 30)} <a> first revised revised"],
    ),
    Case(
        says="the warnings of two feeds are one story each where their words are",
        nights=[RunContext(shows={"a": [bulletin(1), bulletin(2)], "b": [bulletin(2), bulletin(1), bulletin(3)]})],
        outcomes=["a: new new; b: duplicate duplicate new"],
        stories=["Flood warning <a> first", "Flood warning <a> first", "Flood warning <b> first"],
    ),
    Case(
        says="a teaser beside its whole text under one guid is one story, which shows the whole",
        nights=[night(DATED, of(DATED, text=f"{SEA.text} and all the rest")), night(DATED)],
        outcomes=["a: duplicate new", "a: updated"],
        stories=["Sea rises <a> first revised"],
    ),
    Case(
        says="a guid that stands for no guid is none",
        nights=[
            night(of(GUID, guid="N/A", published_at=NOON, title=f"Release {n}", text=words(f"r{n}"))) for n in "12"
        ],
        outcomes=["a: new", "a: new"],
        stories=["Release 1 <a> first", "Release 2 <a> first"],
    ),
    Case(
        says="a guid that all entries have is remembered to say nothing",
        nights=[
            night(*(of(GUID, guid="same", published_at=NOON, title=f"R {n}", text=words(f"r{n}")) for n in "12")),
            night(of(GUID, guid="same", published_at=NOON, title="R 3", text=words("r3"))),
            night(of(GUID, guid="same", published_at=NOON, title="R 4", text=words("r4"))),
        ],
        outcomes=["a: new new", "a: new", "a: new"],
        stories=["R 1 <a> first", "R 2 <a> first", "R 3 <a> first", "R 4 <a> first"],
    ),
    Case(
        says="entries without names that share the moment of all are so many stories",
        nights=[night(*map(notice, range(3))), night(*map(notice, range(2, 5))), night(*map(notice, range(2, 5)))],
        outcomes=["a: new new new", "a: unchanged new new", "a: unchanged unchanged unchanged"],
        stories=[f"Notice {number} <a> first" for number in range(5)],
    ),
]

FOR = [
    Case(
        says="an article whose guid counts its updates and whose headline and teaser are rewritten is one story",
        nights=[night(update(number)) for number in (0, 1, 2, 0)],
        outcomes=["a: new", "a: updated", "a: updated", "a: updated"],
        stories=[f"{words('headline0', 30)} <a> first revised revised restored"],
    ),
    Case(
        says="and so it is where nothing is new of a guid or an address but its fragment or what it calls a version",
        nights=[
            night(of(update(0), url=None, guid="story-77#a")),
            night(of(update(1), url=None, guid="story-77#b")),
            night(of(update(2), url="https://news.example/live?v=2", guid="story-77/v2")),
            night(of(update(3), url="https://news.example/live?v=3", guid=None)),
        ],
        outcomes=["a: new", "a: updated", "a: updated", "a: updated"],
        stories=[f"{words('headline3', 30)} <a> first revised revised revised"],
    ),
    Case(
        says="any other number that a guid or an address counts by is believed where words are alike",
        nights=[
            night(of(part(0), guid="story-77", url=None)),
            night(of(part(1), guid="story-77;1", url=None)),
            night(of(part(2), guid="story-77;2", url=f"{ADDRESS}/2")),
            night(of(part(3), guid=None, url=f"{ADDRESS}/3")),
        ],
        outcomes=["a: new", "a: updated", "a: updated", "a: updated"],
        stories=["Part 3 <a> first revised revised revised"],
    ),
    Case(
        says="guids that differ by a number alone are no counters once they stand side by side",
        nights=[
            night(*(of(update(n), url=None, guid=f"urn:w:{n}") for n in (1, 2))),
            night(of(update(3), url=None, guid="urn:w:3")),
        ],
        outcomes=["a: new new", "a: new"],
        stories=[f"{words(f'headline{number}', 30)} <a> first" for number in (1, 2, 3)],
    ),
    Case(
        says="articles whose links are new at every request are known by title, text and moment",
        nights=[night(*(tokened(n, token) for n in range(3))) for token in "abcdef"],
        outcomes=["a: new new new", *["a: unchanged unchanged unchanged"] * 5],
        stories=[f"Paper {number} <a> first" for number in range(3)],
    ),
    Case(
        says="without moments enough equal words are needed",
        nights=[
            night(of(tokened(1, "a"), published_at=None), of(tokened(2, "a"), text="short", published_at=None)),
            night(of(tokened(1, "b"), published_at=None), of(tokened(2, "b"), text="short", published_at=None)),
        ],
        outcomes=["a: new new", "a: unchanged new"],
        stories=["Paper 1 <a> first", "Paper 2 <a> first", "Paper 2 <a> first"],
    ),
    Case(
        says="a headline mended with slug and guid over the same text is a revision",
        nights=[night(DATED), night(of(DATED, title="The sea rises", url=f"{ADDRESS}-2025", guid="new"))],
        outcomes=["a: new", "a: updated"],
        stories=["The sea rises <a> first revised"],
    ),
    Case(
        says="and so it is where headline and text were mended, if nothing else has the moment",
        nights=[night(DATED), night(of(DATED, title="The sea rises", text=LIKE, url=f"{ADDRESS}-2025", guid="new"))],
        outcomes=["a: new", "a: updated"],
        stories=["The sea rises <a> first revised"],
    ),
    Case(
        says="an equal title at the same moment under new names is a revision, unless two have it",
        nights=[
            night(of(LINK, published_at=NOON)),
            night(of(DATED, text=OTHER, url=f"{ADDRESS}/2", guid="2")),
            night(
                of(DATED, text=words("x"), url=f"{ADDRESS}/3", guid="3"),
                of(DATED, text=words("y"), url=f"{ADDRESS}/4", guid="4"),
            ),
        ],
        outcomes=["a: new", "a: updated", "a: new new"],
        stories=["Sea rises <a> first revised", "Sea rises <a> first", "Sea rises <a> first"],
    ),
    Case(
        says="what stands in the document under its old names was not renamed",
        nights=[night(DATED), night(DATED, of(DATED, url=f"{ADDRESS}/2", guid="2"))],
        outcomes=["a: new", "a: unchanged new"],
        stories=["Sea rises <a> first", "Sea rises <a> first"],
    ),
    Case(
        says="equal words at another moment under other names are another story",
        nights=[night(DATED), night(of(DATED, url=f"{ADDRESS}/2", guid="2", published_at=LATER))],
        outcomes=["a: new", "a: new"],
        stories=["Sea rises <a> first", "Sea rises <a> first"],
    ),
    Case(
        says="what another feed showed at that moment says nothing",
        nights=[night(DATED), RunContext(shows={"b": [of(DATED, url=f"{ADDRESS}/2", guid="2")]})],
        outcomes=["a: new", "b: new"],
        stories=["Sea rises <a> first", "Sea rises <b> first"],
    ),
    Case(
        says="a withdrawn story does not come back under new names",
        nights=[night(DATED), RunContext(shows={"a": [of(DATED, url=f"{ADDRESS}/2", guid="2")]}, withdrawn=(1,))],
        outcomes=["a: new", "a: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a link proxy and the publisher's own link of one night are one story, with the first feed's address",
        nights=[
            RunContext(shows={"b": [of(SEA, url="https://short.test/x", guid="b1")], "a": [SEA]}),
            RunContext(pages={1: replace(PAGE, final_url=ADDRESS), 2: PAGE}),
        ],
        outcomes=["b: new; a: new", "page 1: completed; page 2: unchanged"],
        stories=["Sea rises <page> first completed", "Sea rises <a> first [part of 1]"],
        feeds=Feeds(full_text="ab"),
    ),
    Case(
        says="a permanent redirect makes two stories one, whatever their titles say",
        nights=[
            RunContext(
                shows={"a": [SEA], "b": [of(SEA, url="https://old.test/x", title="Oceans", text=OTHER, guid="b1")]}
            ),
            RunContext(pages={2: replace(PAGE, final_url=ADDRESS, is_permanent=True)}),
        ],
        outcomes=["a: new; b: new", "page 2: unchanged"],
        stories=["Sea rises <a> first [page due]", "Oceans <b> first [part of 1]"],
        feeds=Feeds(full_text="b"),
    ),
    Case(
        says="a canonical address makes no story of two that a feed showed side by side in other words",
        nights=[
            night(SEA, of(SEA, url=f"{ADDRESS}/2", guid="2", text=OTHER)),
            RunContext(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
        ],
        outcomes=["a: new new", "page 2: completed"],
        stories=["Sea rises <a> first [page due]", "Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
]

EVIDENCE = [*AGAINST, *FOR]
