"""Content and attacks: text is kept, nothing active is, and no document reads a secret or takes the machine down."""

# Markup stands as one line, as it would in a feed.
# ruff: noqa: E501

from collections.abc import Callable
from html import escape
from typing import Any

from tests.site.behaviours import XML, answer
from tests.site.nights.case import NEW_THEN_SAME, NightCase, Story, case, feed, item, json_feed, named, ok, rss, same
from tests.site.server import Conversation, Handler

# What a document of these cases must never bring into the archive.
SECRET_FILE = "/etc/passwd"
CANARY_PORT = b"65501"  # stands for the port of a site that nobody may touch
_HEAD = '<?xml version="1.0"?>'


def _shows(
    name: str, source: str, *words: str, title: str = "A flood", html: str | None = None, **fields: str
) -> NightCase:
    """Describe an item with HTML of which these words are kept."""
    return case(
        name,
        lambda me: answer(200, feed(me, **{"title": title, "description": escape(source)} | fields)),
        *NEW_THEN_SAME,
        stories=(Story(title=title, holds=words, html=html),),
    )


_INJECTIONS = {
    "script": "<p>Rain</p><script>alert(1)</script><p>Sun</p>",
    "event handler": "<p onclick=alert(1)>Rain</p><img src=x onerror=alert(1)><p>Sun</p>",
    "javascript link": "<p>Rain <a href='jAvascript:alert(1)'>x</a></p><p>Sun</p>",
    "javascript link with control characters": "<p>Rain <a href='java\tscript:alert(1)'>x</a><a href='&#1;javascript:1'>y</a></p><p>Sun</p>",
    "data link": "<p>Rain <a href='data:text/html,<script>alert(1)</script>'>x</a></p><p>Sun</p>",
    "iframe": "<p>Rain</p><iframe src='http://evil.example/' srcdoc='<script>alert(1)</script>'></iframe><p>Sun</p>",
    "object and embed": "<p>Rain</p><object data=evil.swf></object><embed src=evil.swf><p>Sun</p>",
    "SVG": "<p>Rain</p><svg onload=alert(1)><script>alert(1)</script><a xlink:href='javascript:1'>x</a></svg><p>Sun</p>",
    "mutation XSS in noscript": '<p>Rain</p><noscript><p title="</noscript><img src=x onerror=alert(1)>"></noscript><p>Sun</p>',
    "mutation XSS in math": '<p>Rain</p><math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=alert(1)&gt;"></table></mtext></math><p>Sun</p>',
    "style": "<p>Rain</p><style>@import 'http://evil.example/x.css';</style><p style='background:url(javascript:1)'>Sun</p>",
    "form": "<p>Rain</p><form action='javascript:alert(1)'><button formaction='javascript:1'>go</button></form><p>Sun</p>",
    "meta and base": "<meta http-equiv=refresh content='0;url=http://evil.example'><base href='javascript:/'><p>Rain</p><p>Sun</p>",
    "escaped twice": "&lt;p&gt;Rain&lt;/p&gt;&lt;script&gt;alert(1)&lt;/script&gt;&lt;p&gt;Sun&lt;/p&gt;",
}
_LANGUAGES = {
    "Chinese": "气候变化使海平面上升",
    "Japanese": "気候変動で海面が上昇している",
    "Korean": "기후 변화로 해수면이 상승한다",
    "Arabic": "يرفع تغير المناخ مستوى سطح البحر",
    "Hindi": "जलवायु परिवर्तन से समुद्र का स्तर बढ़ रहा है",
    "Russian": "Из-за изменения климата растёт уровень моря",
    "Greek": "Η κλιματική αλλαγή ανεβάζει τη στάθμη της θάλασσας",
    "Vietnamese": "Biến đổi khí hậu làm mực nước biển dâng",
}
_EMOJI = "👩🏽\u200d🔬 🏳️\u200d🌈 🇫🇮"


def _titled(name: str, written: str, shown: str) -> NightCase:
    return case(name, lambda me: answer(200, feed(me, title=written)), *NEW_THEN_SAME, stories=(Story(title=shown),))


def _json_strings(me: str) -> Handler:
    odd: dict[str, Any] = {"id": f"{me}\ud800", "title": "A fl\x00oo\udfffd", "content_text": "Rain\x00 \ud800and sun"}
    return answer(200, json_feed(me, odd), {"Content-Type": "application/feed+json"})


CONTENT = named(
    "content",
    (
        *(_shows(name, source, "Rain", "Sun") for name, source in _INJECTIONS.items()),
        *(_shows(name, f"<p>{text}</p>", text, title=text) for name, text in _LANGUAGES.items()),
        _shows("emoji sequences", f"<p>{_EMOJI}</p>", _EMOJI, title=_EMOJI),
        _titled("markup in the title", "&lt;b&gt;A&lt;/b&gt; flood &lt;img src=x onerror=1&gt;", "A flood"),
        _titled("markup in the title escaped twice", "&amp;lt;i&amp;gt;A&amp;lt;/i&amp;gt; flood", "A flood"),
        _titled("entities in the title escaped twice", "Smith &amp;amp; Sons", "Smith & Sons"),
        _titled("a title that compares", "CO2 &lt; 400 ppm", "CO2 < 400 ppm"),
        _shows(
            "relative links",
            "<p>Rain <a href='../a'>a</a></p>",
            "Rain",
            html="http://relative.example/x/a",
            link="http://relative.example/x/y/z",
        ),
        case(
            "xml:base",
            lambda me: answer(
                200,
                f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="http://base.example/one/"><entry xml:base="two/"><id>{me}</id><title>A flood</title>'
                '<content type="html">&lt;p&gt;Rain &lt;a href="three"&gt;x&lt;/a&gt;&lt;/p&gt;</content></entry></feed>'.encode(),
            ),
            *NEW_THEN_SAME,
            stories=(Story(title="A flood", holds=("Rain",), html="http://base.example/one/two/three"),),
        ),
        _shows(
            "boilerplate tail",
            "<p>Rain fell.</p><p>The post <a href='http://x.example/1'>A flood</a> appeared first on <a href='http://x.example'>X</a>.</p>",
            "Rain fell.",
        ),
        case(
            "NUL and lone surrogates in JSON strings",
            _json_strings,
            *NEW_THEN_SAME,
            stories=(Story(title="A flood", holds=("Rain and sun",)),),
        ),
    ),
)


def _entities(depth: int) -> str:
    steps = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, depth))
    return f'{_HEAD}<!DOCTYPE rss [<!ENTITY a0 "ha">{steps}]>'


def _attack(name: str, write: Callable[[str], str], *, title: str | None = "A flood") -> NightCase:
    """Describe a document that would hurt a careless reader; its story is kept."""
    stories = None if title is None else (Story(title=title),)

    def play(me: str) -> Handler:
        document = write(me).encode()

        async def handle(talk: Conversation) -> None:
            await talk.send(200, document.replace(CANARY_PORT, b"%d" % talk.site.canary_port), XML)

        return handle

    return case(name, play, ok(new=1), same(), stories=stories)


def _flood(me: str, head: str = _HEAD, inside: str = "", **fields: str | None) -> str:
    one = item(me, **{"title": "A flood"} | fields).replace("</item>", f"{inside}</item>")
    return rss(one, head=head).decode()


_XINCLUDE = f'<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file://{SECRET_FILE}" parse="text"/>'
_QUADRATIC = f'{_HEAD}<!DOCTYPE rss [<!ENTITY a "{"x" * 50_000}">]>'
_MANY = " ".join(f'a{n}="{n}"' for n in range(50_000))
_LONG_TITLE = "flood " * 170_000
ATTACK = named(
    "attack",
    (
        _attack("entity bomb", lambda me: _flood(me, _entities(12), description="&a11;")),
        _attack("quadratic blow-up", lambda me: _flood(me, _QUADRATIC, description="&a;" * 20_000)),
        _attack(
            "XXE file",
            lambda me: _flood(
                me, f'{_HEAD}<!DOCTYPE rss [<!ENTITY x SYSTEM "file://{SECRET_FILE}">]>', description="&x;"
            ),
        ),
        _attack(
            "XXE HTTP",
            lambda me: _flood(
                me, f'{_HEAD}<!DOCTYPE rss [<!ENTITY x SYSTEM "http://127.0.0.99:65501/x">]>', description="&x;"
            ),
        ),
        _attack("DTD by HTTP", lambda me: _flood(me, f'{_HEAD}<!DOCTYPE rss SYSTEM "http://127.0.0.99:65501/x.dtd">')),
        _attack("XInclude", lambda me: _flood(me, description=_XINCLUDE)),
        _attack("nesting 100000 deep", lambda me: _flood(me, inside=f"{'<x>' * 100_000}{'</x>' * 100_000}")),
        _attack("50000 attributes", lambda me: _flood(me, inside=f"<x {_MANY}/>")),
        _attack(
            "50000 attributes in broken XML", lambda me: _flood(me, inside=f"<x {_MANY}/>", description="Oil & gas")
        ),
        _attack("50000 attributes in HTML", lambda me: _flood(me, description=escape(f"<p {_MANY}>Rain</p>"))),
        _attack("a title of 1 MB", lambda me: _flood(me, title=_LONG_TITLE), title=None),
        _attack("deep HTML", lambda me: _flood(me, description=escape("<div>" * 50_000 + "Rain"))),
        _attack(
            "an entry of 3 MB", lambda me: _flood(me, description=escape(f"<p>{'Rain and sun. ' * 70}</p>" * 3000))
        ),
    ),
)
