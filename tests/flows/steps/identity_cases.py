"""The rules of identity as scenarios: the nights, what became of each entry, and the stories that stand in the end."""

from msgspec.structs import replace

from tests.builders import Piece
from tests.scenarios import Case, RunContext, night, of, words

ADDRESS = "https://news.example/sea"
SEA = Piece(title="Sea rises", text=words("sea"), url=ADDRESS, guid="1", authors=(), published_at=None)
ICE = replace(SEA, title="Ice melts", text=words("ice"), url="https://news.example/ice", guid="2")
LINK = replace(SEA, guid=None)  # known by its address alone
GUID = replace(SEA, url=None)  # known by its guid alone
BARE = replace(SEA, guid=None, url=None)  # known by its words alone
LIKE = words("sea") + " and a little more"
OTHER = words("other")


KEYS = [
    Case(
        says="an entry seen again as it was changes nothing",
        nights=[night(SEA, ICE), night(ICE, SEA)],
        outcomes=["a: new new", "a: unchanged unchanged"],
        stories=["Sea rises <a> first", "Ice melts <a> first"],
    ),
    Case(
        says="an address under another scheme, with www and tracking, is the same story and no change",
        nights=[night(LINK), night(of(LINK, url="http://www.news.example/sea/?utm_source=x#top"))],
        outcomes=["a: new", "a: unchanged"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="another feed's entry at the same address is the same story, whatever its words",
        nights=[RunContext(shows={"a": [SEA], "b": [of(SEA, title="The sea", text=OTHER, guid="b7")]})],
        outcomes=["a: new; b: duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="the same guid in another feed says nothing",
        nights=[RunContext(shows={"a": [GUID], "b": [of(GUID, title="Other", text=OTHER)]})],
        outcomes=["a: new; b: new"],
        stories=["Sea rises <a> first", "Other <b> first"],
    ),
    Case(
        says="a guid changed under an equal title is the same story",
        nights=[night(SEA), night(of(SEA, guid="9", title="SEA rises!"))],
        outcomes=["a: new", "a: updated"],
        stories=["SEA rises! <a> first revised"],
    ),
    Case(
        says="a guid changed under a new title over like words is the same story",
        nights=[night(SEA), night(of(SEA, guid="9", title="Oceans", text=LIKE)), night(of(GUID, guid="9", text=LIKE))],
        outcomes=["a: new", "a: updated", "a: updated"],
        stories=["Sea rises <a> first revised revised"],
    ),
    Case(
        says="an address changed under an equal title is the same story, which is known by both from then on",
        nights=[
            night(SEA),
            night(of(SEA, url="https://news.example/moved")),
            RunContext(shows={"b": [of(ICE, url="https://news.example/moved")], "c": [of(ICE, url=ADDRESS)]}),
        ],
        outcomes=["a: new", "a: unchanged", "b: duplicate; c: duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="a guid used again for another article makes a new story",
        nights=[night(SEA), night(of(ICE, guid="1")), night(SEA, of(ICE, guid="1"))],
        outcomes=["a: new", "a: new", "a: unchanged unchanged"],
        stories=["Sea rises <a> first", "Ice melts <a> first"],
    ),
    Case(
        says="a guid that lied identifies with an equal title",
        nights=[
            night(GUID),
            night(of(ICE, guid="1", url=None)),
            night(of(GUID, text=OTHER)),
            night(of(ICE, guid="1", url=None, text=OTHER)),
        ],
        outcomes=["a: new", "a: new", "a: updated", "a: updated"],
        stories=["Sea rises <a> first revised", "Ice melts <a> first revised"],
    ),
    Case(
        says="a guid that lied does not identify under a third title",
        nights=[night(GUID), night(of(GUID, title="Ice", text=OTHER)), night(of(GUID, title="Heat", text=words("h")))],
        outcomes=["a: new", "a: new", "a: new"],
        stories=["Sea rises <a> first", "Ice <a> first", "Heat <a> first"],
    ),
    Case(
        says="a guid that lied does not identify with a title that its story had once, over other words",
        nights=[
            night(SEA),
            night(of(ICE, guid="1")),
            night(of(ICE, guid="1", title="Frost", text=words("ice") + " still")),
            night(of(GUID, title="Ice melts", text=OTHER)),
        ],
        outcomes=["a: new", "a: new", "a: updated", "a: new"],
        stories=["Sea rises <a> first", "Frost <a> first revised", "Ice melts <a> first"],
    ),
    Case(
        says="a guid that lied says nothing against the story that its address names",
        nights=[
            night(SEA),
            night(of(ICE, guid="1")),
            RunContext(shows={"b": [of(ICE, guid="b1", text=OTHER)]}),
            night(of(ICE, guid="1", title="Ice melts fast", text=words("ice") + " still")),
        ],
        outcomes=["a: new", "a: new", "b: duplicate", "a: updated"],
        stories=["Sea rises <a> first", "Ice melts fast <a> first revised"],
    ),
    Case(
        says="a guid without a title that lied identifies nothing",
        nights=[
            night(of(GUID, title="")),
            night(of(GUID, title="", text=OTHER)),
            night(of(GUID, title="", text=words("third"))),
            night(of(GUID, title="")),
        ],
        outcomes=["a: new", "a: new", "a: new", "a: unchanged"],
        stories=["- <a> first", "- <a> first", "- <a> first"],
    ),
    Case(
        says="an address used again for another article by the same feed makes a new story",
        nights=[night(LINK), night(of(LINK, title="Ice", text=OTHER)), night(of(LINK, title="Ice", text=LIKE))],
        outcomes=["a: new", "a: new", "a: updated"],
        stories=["Sea rises <a> first", "Ice <a> first revised"],
    ),
    Case(
        says="a new title over like words at the one address is the same story",
        nights=[night(LINK), night(of(LINK, title="Oceans", text=LIKE))],
        outcomes=["a: new", "a: updated"],
        stories=["Oceans <a> first revised"],
    ),
    Case(
        says="two keys that agree need no likeness",
        nights=[night(SEA), night(of(SEA, title="Ice", text=OTHER))],
        outcomes=["a: new", "a: updated"],
        stories=["Ice <a> first revised"],
    ),
    Case(
        says="keys of two stories are settled by the likeness",
        nights=[night(SEA, ICE), night(of(ICE, guid="1", title="Sea rises", text=LIKE))],
        outcomes=["a: new new", "a: updated"],
        stories=["Sea rises <a> first revised", "Ice melts <a> first"],
    ),
    Case(
        says="keys of two stories that it is like neither of make a third, and both have lied",
        nights=[
            night(SEA, ICE),
            night(of(ICE, guid="1", title="Heat", text=OTHER)),
            night(of(ICE, guid="1", title="Heat", text=LIKE), SEA, ICE),
        ],
        outcomes=["a: new new", "a: new", "a: updated unchanged unchanged"],
        stories=["Sea rises <a> first", "Ice melts <a> first", "Heat <a> first revised"],
    ),
    Case(
        says="a feed's own title for a story is enough to know it by",
        nights=[
            RunContext(shows={"a": [SEA], "b": [of(LINK, title="Oceans", text=OTHER)]}),
            RunContext(shows={"b": [of(LINK, title="Oceans", text=words("new"))]}),
        ],
        outcomes=["a: new; b: duplicate", "b: unchanged"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="a feed's own title identifies where its guid has lied",
        nights=[
            RunContext(shows={"a": [SEA], "b": [of(SEA, title="Oceans", text=OTHER)]}),
            RunContext(shows={"b": [of(GUID, title="Heat", text=words("heat"))]}),
            RunContext(shows={"b": [of(GUID, title="Oceans", text=words("new"))]}),
        ],
        outcomes=["a: new; b: duplicate", "b: new", "b: unchanged"],
        stories=["Sea rises <a> first", "Heat <b> first"],
    ),
    Case(
        says="the very same words under a new guid are the same story, also without a title",
        nights=[night(of(SEA, title="", text="so short")), night(of(SEA, title="", text="so short", guid="7"))],
        outcomes=["a: new", "a: unchanged"],
        stories=["- <a> first"],
    ),
    Case(
        says="Chinese texts are compared by character",
        nights=[
            night(of(LINK, title="海平面", text="2024年气候变化导致海平面上升许多沿海城市")),
            night(of(LINK, title="海洋", text="2024年气候变化导致海平面上升，许多城市受灾")),
        ],
        outcomes=["a: new", "a: updated"],
        stories=["海洋 <a> first revised"],
    ),
]

DOCUMENTS = [
    Case(
        says="a guid that two items share under different titles is no key",
        nights=[night(GUID, of(GUID, title="Ice", text=OTHER)), night(of(GUID, title="Ice", text=OTHER), GUID)],
        outcomes=["a: new new", "a: unchanged unchanged"],
        stories=["Sea rises <a> first", "Ice <a> first"],
    ),
    Case(
        says="a link that two items share under different titles is no key",
        nights=[
            night(SEA, of(ICE, url=ADDRESS)),
            RunContext(shows={"b": [of(LINK, title="Third", text=words("third"))]}),
        ],
        outcomes=["a: new new", "b: new"],
        stories=["Sea rises <a> first", "Ice melts <a> first", "Third <b> first"],
    ),
    Case(
        says="two items that share a link and a title are two stories where their words differ",
        nights=[night(SEA, of(SEA, guid="2", text=OTHER)), night(of(SEA, guid="2", text=OTHER), SEA)],
        outcomes=["a: new new", "a: unchanged unchanged"],
        stories=["Sea rises <a> first", "Sea rises <a> first"],
    ),
    Case(
        says="two items that share a link and say the same are one story",
        nights=[night(SEA, of(SEA, guid="2")), night(of(SEA, guid="2"), SEA)],
        outcomes=["a: new duplicate", "a: duplicate unchanged"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="one title written with other markup is one title",
        nights=[night(SEA), night(SEA, of(SEA, title="<b>Sea</b>&nbsp;rises", guid="2"))],
        outcomes=["a: new", "a: unchanged duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="a guid that two items without a title share is no key",
        nights=[night(of(GUID, title=""), of(GUID, title="", text=OTHER)), night(of(GUID, title="", text=LIKE))],
        outcomes=["a: new new", "a: new"],
        stories=["- <a> first", "- <a> first", "- <a> first"],
    ),
    Case(
        says="an item that is there twice is one story",
        nights=[night(SEA, SEA), night(SEA, SEA)],
        outcomes=["a: new duplicate", "a: unchanged duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="an item without keys that is there twice is one story",
        nights=[night(BARE, BARE), night(BARE, BARE, BARE)],
        outcomes=["a: new duplicate", "a: unchanged duplicate duplicate"],
        stories=["Sea rises <a> first"],
    ),
    Case(
        says="an item that is there twice among others of its guid is one story",
        nights=[night(GUID, GUID, of(GUID, title="Ice"))],
        outcomes=["a: new duplicate new"],
        stories=["Sea rises <a> first", "Ice <a> first"],
    ),
    Case(
        says="an item without keys is known by its words, and another where they differ",
        nights=[night(BARE), night(of(BARE, text=LIKE)), night(BARE)],
        outcomes=["a: new", "a: new", "a: unchanged"],
        stories=["Sea rises <a> first", "Sea rises <a> first"],
    ),
    Case(
        says="a home page is no key",
        nights=[night(of(LINK, url="https://news.example/"), of(LINK, title="Ice", url="https://news.example"))],
        outcomes=["a: new new"],
        stories=["Sea rises <a> first", "Ice <a> first"],
    ),
    Case(
        says="of several items the one whose guid the feed showed before speaks",
        nights=[night(SEA), night(of(SEA, guid="2", text=LIKE), of(SEA, text=LIKE))],
        outcomes=["a: new", "a: duplicate updated"],
        stories=["Sea rises <a> first revised"],
    ),
    Case(
        says="an item that only adds a key is a duplicate, and its key is known from then on",
        nights=[night(SEA, of(SEA, guid="2")), night(of(GUID, guid="2", title="Sea rises", text=LIKE))],
        outcomes=["a: new duplicate", "a: updated"],
        stories=["Sea rises <a> first revised"],
    ),
    Case(
        says="a link that a feed gives to two articles does not make one of them another feed's story",
        nights=[
            RunContext(shows={"b": [SEA]}),
            night(of(SEA, title="Oceans", text=OTHER), of(SEA, title="Oceans", text=words("x"), guid="5")),
        ],
        outcomes=["b: new", "a: new new"],
        stories=["Sea rises <b> first", "Oceans <a> first", "Oceans <a> first"],
    ),
    Case(
        says="an item beside an unchanged one of its guid and title is a story of its own where its words differ",
        nights=[night(SEA), night(SEA, of(SEA, text=OTHER, url="https://news.example/other"))],
        outcomes=["a: new", "a: unchanged new"],
        stories=["Sea rises <a> first", "Sea rises <a> first"],
    ),
]
