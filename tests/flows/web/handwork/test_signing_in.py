"""Who may work by hand, how often a token may be guessed, how a session ends, whose form does anything."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from bs4 import BeautifulSoup

from flows.web.app import make_app
from flows.web.reading import ReadingRoom
from flows.web.safety import names_of
from tests.databases import on_one
from tests.flows.web.conftest import Reader
from tests.flows.web.handwork.conftest import PROXY, TOKEN, Place, every_route, later, uid_of
from tests.nights import Clock

pytestmark = on_one
WRITING = {
    "/hand/sign-in",
    "/hand/sign-out",
    "/hand/label/{reference}",
    "/hand/withdraw/{reference}",
    "/hand/rerun/{reference}",
}
READING = {"GET", "HEAD"}


def _writing(app: Any) -> set[str]:
    """Return the paths that take anything but GET and HEAD."""
    return {path for path, methods in every_route(app) if methods - READING}


def test_without_a_token_no_route_writes(room_of_settings: Callable[..., tuple[ReadingRoom, Clock]]) -> None:
    """Every route takes GET and HEAD alone, and none is there for work by hand."""
    room, _ = room_of_settings()
    app = make_app(room, ("x",))
    paths = [path for path, _ in every_route(app)]
    assert {"/story/{reference:path}", "/api/search", "/acts", "/static/{name:path}"} <= set(paths)
    assert _writing(app) == set()
    assert not [path for path in paths if path.startswith("/hand")]


def test_with_a_token_these_routes_write_and_no_other(place: Place) -> None:
    """A new one has to be named here."""
    assert _writing(place.app) == WRITING


def test_without_a_token_no_page_has_a_button(
    room_of_settings: Callable[..., tuple[ReadingRoom, Clock]],
) -> None:
    """Nor a way to sign in; the ledger of acts can be read."""
    room, _ = room_of_settings()
    client = Reader(make_app(room, names_of("127.0.0.1", 4280, ())))
    uid = client.get("/api/search?q=sea").json()["stories"][0]["uid"]
    for path in ("/", f"/story/{uid}", "/runs/latest", "/health", "/acts"):
        answer = client.get(path)
        assert answer.status_code == 200
        assert "/hand" not in answer.text
        assert 'method="post"' not in answer.text
    assert client.get("/hand").status_code == 404
    assert client.request("POST", "/hand/sign-in").status_code == 404


def test_buttons_are_for_those_who_signed_in(place: Place) -> None:
    """Others see a way to sign in, which leads back to where they were."""
    uid = uid_of(place, "sea level")
    ada, eve = place.ada(), place.visitor()
    for path, button in ((f"/story/{uid}", f"/hand/label/{uid}"), ("/runs/latest", "/hand/rerun/")):
        assert button in ada.get(path).text
        assert button not in eve.get(path).text
        (link,) = [one for one in eve.soup(path).select("footer a") if one.get_text() == "Sign in"]
        form = eve.soup(link["href"])
        back = form.select_one("input[name=next]")["value"]
        assert (back, eve.sign_in("Eve", next=back).headers["location"]) == (path, path)
        assert "Signed in as Eve" in eve.get(path).text
        eve.post("/hand/sign-out")


@pytest.mark.parametrize(
    "path", ["https://evil.example", "//evil.example", "/\\evil.example", "/runs//evil", "/hand?x=1", "javascript:x"]
)
def test_signing_in_leads_to_our_own_pages_alone(place: Place, path: str) -> None:
    """Whatever the form says."""
    assert place.visitor().sign_in(next=path).headers["location"] == "/hand"


def test_a_cookie_is_kept_from_scripts_and_from_other_sites(place: Place) -> None:
    """HttpOnly, SameSite=Strict, with an end; Secure where the browser speaks https to a proxy."""
    plain = place.visitor().sign_in().headers["set-cookie"].lower()
    assert {"httponly", "samesite=strict", "path=/", "max-age=28800"} <= set(plain.split("; "))
    assert "secure" not in plain
    proxied = place.visitor().client.post(
        "/hand/sign-in",
        data={"name": "Ada", "token": TOKEN},
        headers={"host": PROXY, "origin": f"https://{PROXY}"},
    )
    assert "; secure" in proxied.headers["set-cookie"].lower()


def test_a_wrong_token_opens_nothing(place: Place, caplog: pytest.LogCaptureFixture) -> None:
    """It is said, the name stays in the form, and neither token is shown or logged."""
    caplog.set_level(logging.DEBUG)
    eve = place.visitor()
    answer = eve.sign_in("Eve", "another-token-of-that-length")
    assert (answer.status_code, "set-cookie" in answer.headers) == (403, False)
    form = BeautifulSoup(answer.text, "lxml")
    assert "not the token" in form.select_one('[role="alert"]').get_text()  # type: ignore[union-attr]
    assert form.select_one("#name")["value"] == "Eve"  # type: ignore[index]
    assert "another-token" not in answer.text + caplog.text
    assert "somebody gave a wrong token" in caplog.text
    assert eve.get("/hand/sign-in").headers["location"] == "/hand"
    assert eve.get("/hand/label/1").headers["location"] == "/hand?next=%2Fhand%2Flabel%2F1"
    assert place.acts() == []
    ada = place.ada()
    assert TOKEN not in caplog.text + "".join(ada.get(path).text for path in ("/", "/hand", "/acts"))


@pytest.mark.parametrize("name", ["", "  ", "\u202e\x00", "a" * 61])
def test_a_name_is_needed(place: Place, name: str) -> None:
    """One that can be read."""
    assert place.visitor().sign_in(name).status_code == 400
    assert place.acts() == []


def test_guessing_is_bounded(place: Place) -> None:
    """After ten wrong tokens nobody gets in, with the right one neither, until a while has passed."""
    eve = place.visitor()
    wrong = [eve.sign_in(token=f"guess-{at}-of-a-good-length").status_code for at in range(10)]
    assert wrong == [403] * 10
    held = eve.sign_in()
    assert held.status_code == 429
    assert 0 < int(held.headers["retry-after"]) <= 60
    assert place.acts() == []


def test_a_session_ends_by_itself(place: Place) -> None:
    """After eight hours: no button, no page, no act."""
    ada = place.ada()
    uid, key = uid_of(place, "sea level"), ada.key()
    later(place, hours=7, minutes=59)
    assert "Signed in as" in ada.get("/").text
    later(place, minutes=1)
    assert "Signed in as" not in ada.get("/").text
    assert ada.get(f"/hand/label/{uid}").status_code == 303
    sent = ada.client.post(
        f"/hand/label/{uid}", data={"key": key, "verdict": "off-topic"}, headers={"origin": place.url}
    )
    assert (sent.status_code, "sign in again" in sent.text) == (403, True)
    assert [kind for _, kind, _ in place.acts()] == ["signed_in"]


def test_signing_out_makes_the_cookie_void(place: Place) -> None:
    """Whoever kept it has nothing; another session of the same person stays."""
    ada, other = place.ada(), place.ada()
    kept = dict(ada.client.cookies)
    assert ada.post("/hand/sign-out").headers["location"] == "/hand"
    assert not dict(ada.client.cookies)
    thief = place.visitor()
    thief.client.cookies.update(kept)
    assert "Signed in as" not in thief.get("/").text
    assert "Signed in as" in other.get("/").text
    assert place.acts()[0] == ("Ada", "signed_out", "")


def test_a_cookie_cannot_be_made(place: Place) -> None:
    """An altered one, one without a signature, and one that another process signed are nobody's."""
    ada = place.ada()
    ((name, value),) = ada.client.cookies.items()
    packed, _, signature = value.rpartition(".")
    stranger = type(place.desk.sessions)(place.clock)
    forged = (
        *(f"A{packed[1:]}.{signature}", f"{packed}.{'0' * 64}", packed, f"{packed}.", ".", "é.é", ""),
        stranger.cookie_of(stranger.begin("Ada")),
    )
    for one in forged:
        headers = {"cookie": f"{name}={one}".encode()}
        assert "Signed in as" not in place.visitor().get("/", headers=headers).text
    assert "Signed in as" in place.visitor().get("/", headers={"cookie": f"{name}={value}"}).text


@pytest.mark.parametrize(
    ("headers", "changed", "status"),
    [
        pytest.param({"origin": "SELF"}, {}, 303, id="a page of ours"),
        pytest.param({"sec-fetch-site": "same-origin"}, {}, 303, id="a page of ours, as newer browsers say it"),
        pytest.param({}, {}, 403, id="nobody says whose page it is"),
        pytest.param({"origin": "https://evil.example"}, {}, 403, id="another site's page"),
        pytest.param({"origin": "null"}, {}, 403, id="a sandboxed frame"),
        pytest.param({"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"}, {}, 403, id="a form elsewhere"),
        pytest.param({"sec-fetch-site": "same-site"}, {}, 403, id="a page at another port"),
        pytest.param({"origin": "SELF", "host": "evil.example"}, {}, 421, id="a name that points here"),
        pytest.param({"origin": "SELF"}, {"key": ""}, 403, id="no key"),
        pytest.param({"origin": "SELF"}, {"key": "é" * 64}, 403, id="a key that is none"),
        pytest.param({"origin": "SELF"}, {"key": "OTHER"}, 403, id="the key of another session"),
        pytest.param({"origin": "SELF"}, {"more": "x" * 20_001}, 413, id="too much"),
        pytest.param({"origin": "SELF", "content-type": "text/plain"}, {}, 415, id="no form"),
        pytest.param({"origin": "SELF", "content-type": "application/json"}, {}, 415, id="JSON"),
    ],
)
def test_only_a_form_of_this_session_and_these_pages_does_anything(
    place: Place, headers: dict[str, str], changed: dict[str, str], status: int
) -> None:
    """Everything else is refused, and nothing is written."""
    ada, other = place.ada(), place.ada()
    uid = uid_of(place, "sea level")
    before = place.acts()
    told = {name: place.url if value == "SELF" else value for name, value in headers.items()}
    key = {"key": other.key() if changed.get("key") == "OTHER" else changed.get("key", ada.key())}
    fields = {"verdict": "about", "topic": ["adaptation"]} | changed | key
    answer = ada.client.post(f"/hand/label/{uid}", data=fields, headers=told)
    assert answer.status_code == status
    assert len(place.acts()) == len(before) + (status == 303)


def test_nobody_who_is_not_signed_in_does_anything(place: Place) -> None:
    """With a form of ours or without."""
    eve = place.visitor()
    for path in sorted(WRITING - {"/hand/sign-in"}):
        sent = eve.client.post(path.replace("{reference}", "1"), data={"key": "x"}, headers={"origin": place.url})
        assert sent.status_code == 403
    assert place.acts() == []


def test_pages_with_forms_are_kept_nowhere(place: Place) -> None:
    """And under a policy by which a browser names its origin to us, and nothing to others."""
    ada = place.ada()
    for path in ("/hand", "/hand/label/1", "/hand/withdraw/1", "/hand/rerun/latest"):
        headers = ada.get(path).headers
        assert (headers["cache-control"], headers["referrer-policy"]) == ("no-store", "same-origin")
    assert ada.get("/runs/latest").headers["referrer-policy"] == "no-referrer"
