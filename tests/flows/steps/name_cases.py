"""Odd names as scenarios: too long for an index, or none at all."""

import hashlib

from msgspec.structs import replace

from tests.flows.steps.identity_cases import ADDRESS, GUID, ICE, LIKE, LINK, OTHER, SEA
from tests.flows.steps.lead_cases import PAGE
from tests.scenarios import Case, Feeds, RunContext, night, of, words

# Such that no database can pack it: longer than an index takes.
LONG = "".join(hashlib.sha256(str(number).encode()).hexdigest() for number in range(140))
NAMELESS = of(LINK, url="https://news.example/")  # a front page is no key, but has a page to ask for

NAMES = [
    Case(
        says="a link and a guid of any length are names like others",
        nights=[
            night(of(SEA, guid=LONG, url=f"{ADDRESS}/{LONG}")),
            night(of(GUID, guid=LONG, text=LIKE), of(ICE, url=f"{ADDRESS}/{LONG}2", guid=f"{LONG}2")),
            RunContext(shows={"b": [of(LINK, url=f"{ADDRESS}/{LONG}", title="Oceans", text=OTHER)]}),
        ],
        outcomes=["a: new", "a: updated new", "b: duplicate"],
        stories=["Sea rises <a> first revised", "Ice melts <a> first"],
    ),
    Case(
        says="a guid of any length that lied identifies with an equal title",
        nights=[
            night(of(GUID, guid=LONG)),
            night(of(GUID, guid=LONG, title="Ice melts", text=words("ice"))),
            night(of(GUID, guid=LONG, text=OTHER)),
        ],
        outcomes=["a: new", "a: new", "a: updated"],
        stories=["Sea rises <a> first revised", "Ice melts <a> first"],
    ),
    Case(
        says="an entry without a key is known again after its story became part of another, which has changed since",
        nights=[
            RunContext(shows={"b": [of(SEA, guid="b1")], "a": [NAMELESS]}),
            RunContext(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
            night(LINK),
            night(NAMELESS),
            RunContext(shows={"a": [NAMELESS, LINK]}, withdrawn=(1,)),
        ],
        outcomes=["b: new; a: new", "page 2: unchanged", "a: unchanged", "a: unchanged", "a: unchanged duplicate"],
        stories=["- <a> [withdrawn]", "- <a> [withdrawn] [part of 1]"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="an entry without a key is known again after its story was told by the address of its page",
        nights=[
            night(of(NAMELESS, url="https://short.test/")),
            RunContext(pages={1: replace(PAGE, final_url=ADDRESS)}),
            night(LINK),
            night(of(NAMELESS, url="https://short.test/")),
        ],
        outcomes=["a: new", "page 1: completed", "a: unchanged", "a: unchanged"],
        stories=["Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
]
