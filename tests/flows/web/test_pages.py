"""Every page, over the real application: what it shows, and that no word of a publisher's acts in it."""

import re
from typing import Any

import pytest
from bs4 import BeautifulSoup

from flows.web.content.measured import measured
from tests.flows.web.conftest import ADDRESS, Reader

PAGES = (
    *("/", "/?run=1", "/search", "/search?q=sea", "/search?q=zebra", "/search?near-misses=1", "/corrections"),
    *("/topics", "/topics/science", "/languages/es", "/outlets", "/outlets/one", "/runs", "/runs/1", "/runs/latest"),
    *("/acts", "/watches", "/health", "/about", "/api", "/nothing-here"),
)


def soup_of(client: Reader, path: str, status: int = 200) -> Any:
    """Return a page, parsed; what is looked for and missing fails the test."""
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:2000]
    return BeautifulSoup(answer.text, "lxml")


def uid_of(client: Reader, words: str) -> str:
    """Return the uid of the story that a search finds first."""
    uid: str = client.get("/api/search", params={"q": words}).json()["stories"][0]["uid"]
    return uid


@pytest.mark.parametrize("path", PAGES)
def test_no_page_holds_a_script_or_style_of_its_own(client: Reader, path: str) -> None:
    """Scripts and styles are files of ours; no attribute runs anything; every name in an attribute is escaped."""
    soup = BeautifulSoup(client.get(path).text, "lxml")
    assert soup.title
    assert soup.title.string
    assert len(soup.find_all("h1")) == 1
    assert not soup.find_all("style")
    assert not soup.find_all(style=True)
    assert all(
        re.fullmatch(r"/static/[\w./-]+\?v=[0-9a-f]{12}", str(tag.get("src"))) for tag in soup.find_all("script")
    )
    assert not [name for tag in soup.find_all(True) for name in tag.attrs if name.startswith("on")]
    assert not soup.find_all(["img", "iframe", "object", "embed"])
    ids = [tag["id"] for tag in soup.find_all(id=True)]
    assert len(ids) == len(set(ids))


def test_the_night_shows_what_it_brought(client: Reader) -> None:
    """New stories stand under their first topic, with both outlets of a shared one; a correction with its words."""
    first, last = soup_of(client, "/?run=1"), soup_of(client, "/")
    assert "3 new stories" in first.get_text()
    assert [head.get_text(" ", strip=True) for head in first.select(".front-main h2")] == ["Science 2", "Energy 1"]
    assert "2 outlets" in first.select_one(".front-main").get_text()
    changed = last.select_one(".front-side .correction")
    assert tuple(changed.find(tag).get_text() for tag in ("del", "ins")) == ("11", "9")
    assert "The night before" in last.get_text()
    assert "No whole night" not in last.select_one(".lead").get_text()


def test_runs_say_whether_they_add_up(client: Reader) -> None:
    """Of those that are listed; which command goes through all of them is said."""
    runs = soup_of(client, "/runs")
    assert "What these runs say of themselves adds up." in runs.select_one(".lead").get_text()
    assert "climate-archive runs check" in runs.select_one("header .muted").get_text()
    older = soup_of(client, "/runs?before=2")
    assert [row.th.get_text() for row in older.select("tbody tr")] == ["1"]
    assert older.select_one(".pager a")["href"] == "/runs"


def test_search_marks_words_and_counts_choices(client: Reader) -> None:
    """The words are marked, each choice tells how many stories it leaves, and the address of one takes it back."""
    found = soup_of(client, "/search?q=sea&topic=science")
    assert {mark.get_text().lower() for mark in found.select(".card mark")} == {"sea"}
    chosen = found.select_one('.choice[aria-current="true"]')
    assert chosen.get_text(" ", strip=True) == "Science 1"
    assert chosen["href"] == "/search?q=sea"
    assert found.select_one("#command")["value"] == "climate-archive search sea --topic science"
    narrowed = soup_of(client, "/search?q=sea&topic=science&lang=en")
    assert narrowed.select_one("#command")["value"] == "climate-archive search sea --topic science --language en"


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ("?lang=es", ["El mar sube"]),
        ("?feed=two&order=newest", ["Sea level rises", "El mar sube"]),
        ("?corrected=1", ["Sea level rises"]),
        ("?near-misses=1", ["A river"]),
        ("?until=2026-07-12", ["El mar sube"]),
        ("?q=mar+-costa", []),
    ],
)
def test_choices_narrow(client: Reader, query: str, titles: list[str]) -> None:
    """Language, outlet, corrected, near misses, dates and words narrow what is found."""
    assert [head.get_text() for head in soup_of(client, f"/search{query}").select(".card h2")] == titles


def test_a_list_goes_on_where_it_ended(client: Reader) -> None:
    """Page by page every story comes once, in order, by relevance as by date."""
    for order in ("relevance", "newest"):
        whole = [one["uid"] for one in client.get(f"/api/search?order={order}").json()["stories"]]
        seen, path = [], f"/api/search?order={order}&limit=1"
        while path:
            answer = client.get(path).json()
            seen += [one["uid"] for one in answer["stories"]]
            path = answer["next"]
        assert seen == whole
        assert len(whole) == 3


def test_a_story_shows_all_of_itself(client: Reader) -> None:
    """Text, reasons, versions, origin and citations; its id and its address lead to its uid."""
    uid = uid_of(client, "sea level")
    story = soup_of(client, f"/story/{uid}")
    assert story.h1.get_text() == "Sea level rises"
    assert "rises by 9 centimetres" in story.select_one(".body").get_text()
    assert story.select_one(".marked mark.word")["title"] == "term of topics.yaml, weight 2"
    assert "Lind, A. (2026, July 14). Sea level rises. One." in story.select_one("#cite-apa").get_text()
    assert [row.th.get_text() for row in story.select("#versions tbody tr")] == ["2", "1"]
    link = story.select_one('a[rel~="external"]')
    assert {"noopener", "noreferrer"} <= set(link["rel"])
    for name in ("1", "https://one.example/sea"):
        assert client.get(f"/story/{name}").headers["location"] == f"/story/{uid}"


def test_versions_are_compared_word_by_word(client: Reader) -> None:
    """What left and what came is marked, as one text and side by side."""
    uid = uid_of(client, "sea level")
    inline = soup_of(client, f"/story/{uid}/versions")
    assert [one.get_text() for one in inline.select(".diff del, .diff ins")] == ["11", "9"]
    side = soup_of(client, f"/story/{uid}/versions?view=side")
    row = side.select_one("tr.changed")
    assert [cell.get_text().split(",")[0] for cell in row.find_all("td")] == [
        "The sea level rises by 11 centimetres",
        "The sea level rises by 9 centimetres",
    ]
    assert client.get(f"/story/{uid}/versions?old=1&new=7").status_code == 404


def test_words_of_a_publisher_never_act(client: Reader) -> None:
    """Markup in titles, texts, authors and addresses is shown as it is written."""
    uid = uid_of(client, "methane leaks")
    for path in (f"/story/{uid}", "/?run=1", "/search?q=methane"):
        soup = soup_of(client, path)
        assert "<img src=x onerror=alert(1)>" in soup.get_text()
        assert not soup.select("img, .body b")
        assert "\u202e" not in soup.get_text()


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("/story/0000000000000000", 404, "There is no story"),
        ("/runs/99", 404, "There is no run"),
        ("/topics/none", 404, "There is no topic"),
        ("/outlets/none", 404, "There is no outlet"),
        ("/languages/..%2F", 404, ""),
        ("/search?since=yesterday", 400, "is not a day"),
        ("/search?until=9999-12-31", 400, "not within the years 1900 to 2200"),
        ("/search?since=0001-01-01", 400, "not within the years 1900 to 2200"),
        ("/search?since=2026-07-15&until=2026-07-14", 400, "Nothing can lie between"),
        ("/search?after=1~2", 400, "cannot be read"),
        ("/search?after=9999-12-31T23:59:59-14:00~1~", 400, "cannot be read"),
        ("/search?after=2020-01-01T00:00:00%2B00:00~1~nan", 400, "cannot be read"),
        (f"/search?q={'a' * 401}", 400, "q"),
        ("/search?order=worst", 400, "order"),
        (f"/runs?before={2**63}", 400, "before"),
        (f"/corrections?before={2**63}", 400, "before"),
        (f"/story/1/versions?new={2**63}", 400, "new"),
        (f"/story/1/original/{2**63}", 400, "number"),
        ("/static/../app.py", 404, ""),
        ("/static/vendor/README.md", 404, ""),
        ("/export.exe", 404, ""),
    ],
)
def test_what_is_not_there_is_said(client: Reader, path: str, status: int, said: str) -> None:
    """A mistake in an address is one clear page, and names no path of this machine."""
    answer = client.get(path)
    assert answer.status_code == status
    assert said in BeautifulSoup(answer.text, "lxml").get_text()
    assert "/tmp" not in answer.text
    assert "Traceback" not in answer.text


def test_nothing_can_be_written(client: Reader) -> None:
    """No route takes anything but GET and HEAD."""
    for path in ("/", "/search", "/api/search", "/runs/1", "/story/1"):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            assert client.request(method, path).status_code == 405


def test_exports_are_those_of_the_command(client: Reader) -> None:
    """A search goes out as CSV and as JSON lines, narrowed as it is."""
    csv = client.get("/export.csv?lang=es")
    assert csv.headers["content-disposition"] == 'attachment; filename="stories.csv"'
    assert csv.content.startswith("\ufeffid,uid,".encode())
    assert csv.text.count("\r\n") == 2
    lines = client.get("/export.jsonl").text.splitlines()
    assert len(lines) == 3


def test_a_search_can_be_followed(client: Reader) -> None:
    """As Atom and as JSON Feed, the newest first; the same bytes as long as nothing changes."""
    atom = client.get("/feed.atom?q=sea")
    assert atom.headers["content-type"].startswith("application/atom+xml")
    feed: Any = BeautifulSoup(atom.content, "xml")
    assert [entry.title.get_text() for entry in feed.find_all("entry")] == ["Sea level rises"]
    assert client.get("/feed.atom?q=sea").headers["etag"] == atom.headers["etag"]
    assert [item["title"] for item in client.get("/feed.jsonfeed?lang=es").json()["items"]] == ["El mar sube"]
    assert client.get("/feed.csv").status_code == 404
    links = soup_of(client, "/topics/science").select('link[rel="alternate"]')
    assert [link["href"] for link in links] == ["/feed.atom?topic=science"]


def test_two_queries_are_two_feeds(client: Reader) -> None:
    """Each has an id, a title and an address of its own; in another order and sorted otherwise it is the same one."""
    heads = {}
    for query in ("", "?topic=science", "?topic=science&topic=policy", "?q=%22sea%22&lang=en", "?corrected=1"):
        feed: Any = BeautifulSoup(client.get(f"/feed.atom{query}").content, "xml").feed
        of_json = client.get(f"/feed.jsonfeed{query}").json()
        title, url = feed.find("title").get_text(), feed.find("link", rel="self")["href"]
        assert (of_json["title"], of_json["feed_url"]) == (title, url.replace("atom", "jsonfeed"))
        assert client.get(url.removeprefix(f"http://{ADDRESS}")).status_code == 200
        heads[query] = (feed.find("id").get_text(), title, url)
    assert [len(set(column)) for column in zip(*heads.values(), strict=True)] == [5, 5, 5]
    assert heads[""][:2] == ("urn:climate-archive:stories", "Climate news archive")
    assert heads["?q=%22sea%22&lang=en"][1:] == (
        'Climate news archive: “"sea"”, lang en',
        f"http://{ADDRESS}/feed.atom?q=%22sea%22&lang=en",
    )
    turned: Any = BeautifulSoup(client.get("/feed.atom?topic=policy&order=newest&topic=science").content, "xml").feed
    assert turned.find("id").get_text() == heads["?topic=science&topic=policy"][0]


def test_the_measured_quality_is_shown(client: Reader) -> None:
    """Figures of topics and gate, and of the gate by language."""
    soup = soup_of(client, "/about")
    rows = soup.select('[aria-label="Measured quality"] tbody tr')
    assert [[cell.text for cell in row("td")] for row in rows] == [[one.both, one.first] for one in measured()]
    assert "French 39, Japanese 38" in soup.text
