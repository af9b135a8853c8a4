"""Stories turned away, taken down, and found to be one, as scenarios."""

from msgspec.structs import replace

from tests.flows.steps.identity_cases import ADDRESS, ICE, LIKE, OTHER, SEA
from tests.flows.steps.lead_cases import PAGE, both
from tests.scenarios import Case, Feeds, RunContext, night, of, words

GATED = Feeds(gated="ac")
OFF = of(SEA, is_relevant=False)

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
        nights=[both("a", OFF, "c", of(SEA, text=OTHER)), RunContext(shows={"c": [of(SEA, text=OTHER, tags=("x",))]})],
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
        nights=[RunContext(shows={"a": [SEA]}), RunContext(shows={"b": [of(SEA, text=OTHER)]})],
        outcomes=["a: new", "b: duplicate"],
        stories=["Sea rises <a> first [page due]"],
        feeds=Feeds(full_text="b"),
    ),
]

WITHDRAWN = [
    Case(
        says="a withdrawn story does not come back by its address, whatever its words",
        nights=[
            night(SEA, ICE),
            RunContext(shows={"a": [of(SEA, guid="9", title="Oceans", text=OTHER)]}, withdrawn=(1,)),
        ],
        outcomes=["a: new new", "a: unchanged"],
        stories=["- <a> [withdrawn]", "Ice melts <a> first"],
    ),
    Case(
        says="a withdrawn story does not come back by another feed, nor later by what that called it",
        nights=[
            night(SEA),
            RunContext(shows={"b": [of(SEA, guid="b1")]}, withdrawn=(1,)),
            RunContext(shows={"b": [of(SEA, guid="b1", url="https://news.example/moved")]}),
        ],
        outcomes=["a: new", "b: unchanged", "b: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a withdrawn story known by its guid alone does not come back with new words",
        nights=[night(of(SEA, url=None)), RunContext(shows={"a": [of(SEA, url=None, text=OTHER)]}, withdrawn=(1,))],
        outcomes=["a: new", "a: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a withdrawn story's words do not come back under a new address of its guid",
        nights=[night(SEA), RunContext(shows={"a": [of(SEA, url=ADDRESS + "2")]}, withdrawn=(1,))],
        outcomes=["a: new", "a: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a withdrawn story that its publisher moves and writes anew does not come back, by its new address either",
        nights=[
            night(SEA),
            RunContext(shows={"a": [of(ICE, guid="1")]}, withdrawn=(1,)),
            RunContext(shows={"b": [of(ICE, guid="b1", text=OTHER)]}),
        ],
        outcomes=["a: new", "a: unchanged", "b: unchanged"],
        stories=["- <a> [withdrawn]"],
    ),
    Case(
        says="a withdrawn story keeps no more away than three addresses of an id that each article is given",
        nights=[
            night(SEA),
            RunContext(shows={"a": [of(SEA, url=ADDRESS + "2", title="Rain", text=OTHER)]}, withdrawn=(1,)),
            night(of(SEA, url=ADDRESS + "3", title="Wind", text=words("wind"))),
            night(of(SEA, url=ADDRESS + "4", title="Snow", text=words("snow"))),
            night(of(SEA, url=ADDRESS + "4", title="Snow", text=words("snow") + " still")),
            night(of(SEA, url=ADDRESS + "5", title="Hail", text=words("hail"))),
        ],
        outcomes=["a: new", "a: unchanged", "a: unchanged", "a: new", "a: updated", "a: new"],
        stories=["- <a> [withdrawn]", "Snow <a> first revised", "Hail <a> first"],
    ),
    Case(
        says="a withdrawn story's guid at a living story's address is settled by what that says",
        nights=[
            night(SEA, ICE),
            RunContext(shows={"a": [of(ICE, guid="1", text=words("ice") + " still")]}, withdrawn=(1,)),
            RunContext(shows={"a": [of(ICE, guid="1", title="Heat", text=OTHER)]}),
        ],
        outcomes=["a: new new", "a: updated", "a: new"],
        stories=["- <a> [withdrawn]", "Ice melts <a> first revised", "Heat <a> first"],
    ),
    Case(
        says="a withdrawn story's guid at another withdrawn story's address is theirs",
        nights=[night(SEA, ICE), RunContext(shows={"a": [of(ICE, guid="1", text=OTHER)]}, withdrawn=(1, 2))],
        outcomes=["a: new new", "a: unchanged"],
        stories=["- <a> [withdrawn]", "- <a> [withdrawn]"],
    ),
    Case(
        says="a guid that lied keeps a withdrawn story away by the title that it had, and no other",
        nights=[
            night(SEA),
            night(of(ICE, guid="1")),
            RunContext(
                shows={
                    "a": [
                        of(SEA, url="https://news.example/new", text=OTHER),
                        of(SEA, title="Heat", url="https://news.example/heat", text=words("heat")),
                    ]
                },
                withdrawn=(1,),
            ),
        ],
        outcomes=["a: new", "a: new", "a: unchanged new"],
        stories=["- <a> [withdrawn]", "Ice melts <a> first", "Heat <a> first"],
    ),
    Case(
        says="a withdrawn story that was never admitted stays off topic",
        nights=[night(OFF), RunContext(shows={"a": [of(OFF, text=LIKE)]}, withdrawn=(1,))],
        outcomes=["a: off_topic", "a: off_topic"],
        stories=["- <a> [off topic] [withdrawn]"],
        feeds=GATED,
    ),
    Case(
        says="a page that was on the way when its story was withdrawn brings nothing back",
        nights=[RunContext(shows={"a": [SEA]}), RunContext(withdrawn=(1,), pages={1: PAGE})],
        outcomes=["a: new", "page 1: unchanged"],
        stories=["- <a> [withdrawn]"],
        feeds=Feeds(full_text="a"),
    ),
]

MERGERS = [
    Case(
        says="a page that names an older story of its title as its own address is that story",
        nights=[
            RunContext(shows={"a": [SEA], "b": [of(SEA, url=ADDRESS + "/amp", guid="b1")]}),
            RunContext(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
            RunContext(shows={"a": [SEA], "b": [of(SEA, url=ADDRESS + "/amp", guid="b1")]}),
            RunContext(shows={"b": [of(SEA, url=ADDRESS + "/amp", guid="b1", text=LIKE)]}),
        ],
        outcomes=["a: new; b: new", "page 2: unchanged", "a: unchanged; b: unchanged", "b: unchanged"],
        stories=["Sea rises <a> first [page due]", "Sea rises <b> first [part of 1]"],
        feeds=Feeds(full_text="b"),
    ),
    Case(
        says="the younger of two becomes part of the older, whichever page says so",
        nights=[
            night(SEA, of(SEA, url=ADDRESS + "/amp", guid="2", title="SEA RISES")),
            RunContext(pages={1: replace(PAGE, canonical_url=ADDRESS + "/amp")}),
        ],
        outcomes=["a: new new", "page 1: completed"],
        stories=["Sea rises <page> first completed", "SEA RISES <a> first [part of 1]"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="what was merged follows where its story is merged in turn",
        nights=[
            night(*(of(SEA, url=f"{ADDRESS}/{n}", guid=str(n)) for n in (1, 2, 3))),
            RunContext(pages={3: replace(PAGE, canonical_url=f"{ADDRESS}/2")}),
            RunContext(pages={2: replace(PAGE, final_url=f"{ADDRESS}/1")}),
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
        nights=[night(SEA, ICE), RunContext(pages={2: replace(PAGE, title="Ice melts", canonical_url=ADDRESS)})],
        outcomes=["a: new new", "page 2: completed"],
        stories=["Sea rises <a> first [page due]", "Ice melts <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that names a story of another site is not that story",
        nights=[
            night(SEA, of(SEA, url="https://copy.example/sea", guid="2")),
            RunContext(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
        ],
        outcomes=["a: new new", "page 2: completed"],
        stories=["Sea rises <a> first [page due]", "Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a story that was turned away is admitted by the one that becomes part of it",
        nights=[
            RunContext(shows={"a": [OFF], "b": [of(SEA, url=ADDRESS + "/amp", guid="b1")]}),
            RunContext(pages={2: replace(PAGE, canonical_url=ADDRESS)}),
        ],
        outcomes=["a: off_topic; b: new", "page 2: unchanged"],
        stories=["Sea rises <a> first [page due]", "Sea rises <b> first [off topic] [part of 1]"],
        feeds=Feeds(gated="a", full_text="b"),
    ),
    Case(
        says="a link to another site that holds the title is known by where it led",
        nights=[
            night(of(SEA, url="https://short.test/x")),
            RunContext(pages={1: replace(PAGE, final_url=ADDRESS)}),
            RunContext(shows={"b": [of(SEA, title="Oceans", text=OTHER)]}),
        ],
        outcomes=["a: new", "page 1: completed", "b: duplicate"],
        stories=["Sea rises <page> first completed"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a link to another site that does not hold the title is not",
        nights=[
            night(of(SEA, url="https://short.test/x")),
            RunContext(pages={1: replace(PAGE, final_url=ADDRESS, title="Log in")}),
            RunContext(shows={"b": [of(SEA, title="Oceans", text=OTHER)]}),
        ],
        outcomes=["a: new", "page 1: refused", "b: new"],
        stories=["Sea rises <a> first", "Oceans <b> first"],
        feeds=Feeds(full_text="a"),
    ),
    Case(
        says="a page that was on the way when its story was merged changes nothing",
        nights=[
            night(SEA, of(SEA, url=ADDRESS + "/amp", guid="2")),
            RunContext(pages={1: replace(PAGE, canonical_url=ADDRESS + "/amp"), 2: PAGE}),
        ],
        outcomes=["a: new new", "page 1: completed; page 2: unchanged"],
        stories=["Sea rises <page> first completed", "Sea rises <a> first [part of 1]"],
        feeds=Feeds(full_text="a"),
    ),
]
