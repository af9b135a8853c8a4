"""Every route, asked over a real socket with values that nobody means well: each has an answer, and none is a bug."""

from collections.abc import Callable, Iterator
from http.client import HTTPConnection
from typing import Any, Final
from urllib.parse import quote

import pytest
from fastapi import FastAPI

from flows.web import api
from flows.web.app import PAGES, make_app
from flows.web.safety import names_of
from flows.web.server import bound
from tests.answering import answering
from tests.flows.web.conftest import filled

# As they stand in an address: percent-encoded. What comes through the reading of an address in front.
NASTY: Final = (
    *("", "-1", str(2**63 - 1), str(2**63), "sea%00level", "%ED%A0%80", "a" * 99, "1900-01-01", "2200-12-31"),
    *("9999-12-31", "%22", "%28" * 60, "%3Cscript%3E"),
)
OTHERS: Final = (
    *("0", "1.5", "1e999", "true", "latest", "9" * 400, "%FF%FE", "%", "%0d%0aX:1", quote("\u202e😀" * 40), "a" * 5000),
    *("2026-02-30", "0001-01-01", "%D9%A1%D9%A9%D9%A9%D9%A9-01-01", "c0", "c1-00000000", f"c{'9' * 18}-00000000"),
    *("9999-12-31T23:59:59-14:00~1~", f"2026-07-14T00:00:00%2B00:00~{2**63}~", "2026-07-14T00:00:00%2B00:00~1~nan"),
    *("-", "-sea", "OR%20OR", "a*%20b*", quote("'; DROP TABLE stories; --"), "..%2f..%2fapp.py", "..", "//"),
    *("https%3A%2F%2Fone.example%2Fsea", "http%3A%2F%2F%5B"),
)
# What every list of stories takes is read in one place. All is tried on one of them, on the others what is read alike.
WHOLE: Final = "/api/search"
ALIKE: Final = {
    "q": NASTY,
    "since": ("1900-01-01", "9999-12-31"),
    "until": ("2200-12-31", "9999-12-31"),
    **dict.fromkeys(("topic", "feed", "lang"), ("one", "policy", "en", "sea%00level")),
    **dict.fromkeys(("corrected", "near-misses", "needs-review", "order"), ("1", "newest")),
}
KNOWN: Final = {"reference": "1", "number": "1", "kind": "atom", "name": "style.css", "tag": "es"}
EXPECTED: Final = {200, 307, 400, 404}


class Asker:
    """A connection to the server that is opened anew where the server closed it."""

    def __init__(self, port: int) -> None:
        self._connection = HTTPConnection("127.0.0.1", port, timeout=120)

    def status(self, path: str, **headers: str) -> int:
        """Ask for an address as it is written, and read the answer to its end."""
        self._connection.putrequest("GET", path, skip_accept_encoding=True)
        for name, value in headers.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        answer = self._connection.getresponse()
        assert b"Traceback" not in answer.read()
        if answer.status == 500:  # the server hangs up behind a bug
            self.close()
        return answer.status

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


@pytest.fixture(scope="module")
def asker(tmp_path_factory: pytest.TempPathFactory, new_database: Callable[[], str]) -> Iterator[Asker]:
    """Give a way to ask the pages of a small archive on each database."""
    sock = bound("127.0.0.1", 0)
    port = sock.getsockname()[1]
    with (
        filled(tmp_path_factory.mktemp("hostile"), new_database()) as room,
        answering(make_app(room, names_of("127.0.0.1", port, ())), sock),
    ):
        asking = Asker(port)
        yield asking
        asking.close()


def described() -> dict[str, list[dict[str, Any]]]:
    """Return what each route takes."""
    app = FastAPI()
    for router in (*PAGES, api.router):
        app.include_router(router)
    return {"/api": [], "/api/openapi.json": []} | {
        path: methods["get"].get("parameters", []) for path, methods in app.openapi()["paths"].items()
    }


def addresses(path: str, takes: list[dict[str, Any]]) -> Iterator[str]:
    """Give the addresses of a route in which one of its parts is hostile, the others being right."""
    in_path = [one["name"] for one in takes if one["in"] == "path"]
    right = {name: KNOWN.get(name, "one") for name in in_path}
    for name in in_path:
        yield from (path.format(**right | {name: value}) for value in (*NASTY, *OTHERS))
    path = path.format(**right)
    for name in (one["name"] for one in takes if one["in"] == "query"):
        values = ALIKE[name] if name in ALIKE and path != WHOLE else (*NASTY, *OTHERS)
        yield from (f"{path}?{name}={value}" for value in values)
        yield f"{path}?{f'&{name}=1' * 60}"
    yield f"{path}?{'x=1&' * 500}"


ROUTES: Final = described()


@pytest.mark.parametrize("path", ROUTES)
def test_no_address_is_a_bug(asker: Asker, path: str) -> None:
    """What cannot be meant is refused or not found."""
    answers = {address: asker.status(address) for address in addresses(path, ROUTES[path])}
    assert {address[:200]: status for address, status in answers.items() if status not in EXPECTED} == {}


@pytest.mark.parametrize("name", ["If-None-Match", "Accept-Encoding", "Range", "Cookie", "X-Forwarded-Proto"])
@pytest.mark.parametrize("value", ["", "*", "W/", "\xff\xfe", ",,,,", "bytes=9-1", "x" * 8000, "javascript"])
def test_no_header_is_a_bug(asker: Asker, name: str, value: str) -> None:
    """The answer is the same one, or that it is known already."""
    assert asker.status("/api/search", **{name: value}) in {200, 304}
