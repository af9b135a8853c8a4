"""What stands around every answer: whose requests are heard, what a browser may do, what is not sent twice."""

import pytest

from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from flows.web.safety import POLICY, names_of
from tests.flows.web.conftest import Reader
from tests.flows.web.test_pages import uid_of


@pytest.mark.parametrize("path", ["/", "/search", "/api/search", "/static/style.css", "/nothing", "/export.csv"])
def test_every_answer_carries_the_policy(client: Reader, path: str) -> None:
    """No inline script, no foreign host, no frame, no sniffing, no referrer."""
    headers = client.get(path).headers
    assert headers["content-security-policy"] == POLICY
    assert "unsafe" not in POLICY
    assert "//" not in POLICY
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-frame-options"] == "DENY"
    assert "server" not in headers


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"host": "127.0.0.1:4280"}, 200),
        ({"host": "localhost:4280"}, 200),
        ({"host": "evil.example:4280"}, 421),
        ({"host": "127.0.0.1.evil.example"}, 421),
        ({"host": "127.0.0.1:80"}, 421),
        ({"origin": "https://evil.example"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"}, 403),
        ({"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, 200),
    ],
)
def test_only_its_own_names_and_pages_are_answered(client: Reader, headers: dict[str, str], status: int) -> None:
    """A name that points here (DNS rebinding) and another site's page are refused; a link to it is not."""
    assert client.get("/api/runs", headers=headers).status_code == status


@pytest.mark.parametrize(
    ("host", "port", "others", "sent", "status"),
    [
        ("127.0.0.1", 80, (), "127.0.0.1", 200),
        ("127.0.0.1", 80, (), "localhost:80", 200),
        ("127.0.0.1", 4280, (), "localhost", 421),
        ("::1", 4280, (), "[::1]:4280", 200),
        ("2001:db8::7", 4280, (), "[2001:db8::7]:4280", 200),
        ("2001:db8::7", 80, (), "[2001:db8::7]", 200),
        ("127.0.0.1", 4280, ("archive.example.org",), "Archive.example.org", 200),
        ("127.0.0.1", 4280, ("archive.example.org:443",), "archive.example.org", 200),
        ("127.0.0.1", 4280, ("archive.example.org:8443",), "archive.example.org", 421),
    ],
)
def test_a_name_is_answered_as_a_browser_sends_it(  # noqa: PLR0917
    room: ReadingRoom, host: str, port: int, others: tuple[str, ...], sent: str, status: int
) -> None:
    """Without the port of its scheme, IPv6 in brackets; where it is refused, the answer says which setting has it."""
    answer = Reader(make_app(room, names_of(host, port, others))).get("/robots.txt", headers={"host": sent})
    assert answer.status_code == status
    assert status == 200 or "CLIMATE_ARCHIVE_WEB__NAMES" in answer.text


@pytest.mark.parametrize("path", ["/", "/search?q=sea", "/api/stories", "/api/openapi.json", "/static/style.css"])
def test_what_a_reader_has_is_not_sent_again(client: Reader, path: str) -> None:
    """The tag of an answer brings 304 without a body; HEAD has the headers alone."""
    first = client.get(path)
    again = client.get(path, headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    head = client.request("HEAD", path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", first.headers["etag"])


def test_answers_are_packed(client: Reader) -> None:
    """Pages go out as gzip where the asker takes it; the first paint of a page is at most 60 kB with its styles."""
    sizes = [
        int(client.get(path, headers={"accept-encoding": "gzip"}).headers["content-length"])
        for path in ("/search", "/static/style.css")
    ]
    assert client.get("/search").headers["content-encoding"] == "gzip"
    assert sum(sizes) <= 60_000


def test_original_bytes_are_no_page(client: Reader) -> None:
    """They come as a download or as plain text, under a policy that lets nothing run."""
    uid = uid_of(client, "methane leaks")
    file = client.get(f"/story/{uid}/original/1")
    text = client.get(f"/story/{uid}/original/1?form=text")
    assert file.headers["content-type"] == "application/octet-stream"
    assert file.headers["content-disposition"].startswith(f'attachment; filename="{uid}-1.')
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert all("sandbox" in one.headers["content-security-policy"] for one in (file, text))
    assert b"onerror" in file.content
    assert client.get(f"/story/{uid}/original/9").status_code == 404
