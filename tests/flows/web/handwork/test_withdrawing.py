"""A person withdraws a story on the pages: asked twice, with a reason, for good."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from flows.runs.locks import archive_lock, run_lock
from tests.databases import on_one
from tests.flows.web.handwork.conftest import Place, uid_of
from tests.leftovers import words_in_files

SURE = {"reason": "asked for by its author", "asked": "yes", "sure": "yes"}


@on_one
def test_a_withdrawal_is_asked_twice(place: Place) -> None:
    """Why, and whether it is meant; nothing is done before, and nothing of the story's words is left after."""
    ada, uid = place.ada(), uid_of(place, "sea level")
    path = f"/hand/withdraw/{uid}"
    assert "Sea level rises" in ada.soup(path).h1.get_text()
    for reason in ("", "  ", "\u202e", "a" * 401):
        assert "Say why" in ada.post(path, reason=reason).text
    second = ada.post(path, reason=" asked for by its  author ")
    assert (second.status_code, "asked for by its author" in second.text) == (200, True)
    assert 'name="sure"' in second.text
    unsure = ada.post(path, reason="asked for by its author", asked="yes")
    assert (unsure.status_code, "say that you mean it" in unsure.text) == (400, True)
    assert ada.get(f"/story/{uid}").status_code == 200
    assert [kind for _, kind, _ in place.acts()] == ["signed_in"]
    home = place.room.settings.home
    assert words_in_files(place.room.engine, home, ["rises by 9 centimetres"])

    done = ada.post(path, **SURE)
    assert (done.status_code, done.headers["location"]) == (303, "/hand")
    told = ada.soup("/hand").select_one('[role="status"]').get_text()
    assert "Deleted: 2 versions with labels" in told
    assert ada.soup("/hand").select('[role="status"]') == []
    gone = ada.get(f"/story/{uid}")
    assert (gone.status_code, "asked for by its author" in gone.text) == (404, True)
    assert words_in_files(place.room.engine, home, ["rises by 9 centimetres"]) == set()
    assert place.acts()[0] == ("Ada", "withdrew", "asked for by its author")
    assert uid in (home / "withdrawn.jsonl").read_text()
    assert "withdrew" in place.visitor().soup("/acts").get_text()
    assert "It was withdrawn on 16 July 2026: asked for by its author." in ada.soup(path).get_text()


def test_two_people_withdraw_at_once(place: Place) -> None:
    """One of them is second and is told so; the story has one reason and one line in the list, the ledger both acts."""
    uid = uid_of(place, "sea level")
    people = [place.ada(), place.visitor()]
    people[1].sign_in("Eve")
    keys = [one.key() for one in people]
    both = Barrier(2)

    def withdraw(at: int) -> int:
        both.wait()
        fields = SURE | {"key": keys[at], "reason": f"reason {at}"}
        sent = people[at].client.post(f"/hand/withdraw/{uid}", data=fields, headers={"origin": place.url})
        return sent.status_code

    with ThreadPoolExecutor(2) as threads:
        assert list(threads.map(withdraw, range(2))) == [303, 303]
    told = [one.soup("/hand").select_one('[role="status"]').get_text() for one in people]
    assert sorted("was withdrawn before" in said for said in told) == [False, True]
    assert all("free space" not in said for said in told)
    assert len((place.room.settings.home / "withdrawn.jsonl").read_text().splitlines()) == 1
    assert {name for name, kind, _ in place.acts() if kind == "withdrew"} == {"Ada", "Eve"}


@on_one
def test_what_is_in_the_way_of_a_withdrawal_is_said(place: Place) -> None:
    """An archive that is held alone: nothing is done. A night at work: the words go, and their overwriting waits."""
    ada, uid = place.ada(), uid_of(place, "sea level")
    with archive_lock(place.room.engine, "restore", exclusive=True):
        held = ada.post(f"/hand/withdraw/{uid}", **SURE)
    assert (held.status_code, "Nothing was done" in held.text) == (409, True)
    assert ada.get(f"/story/{uid}").status_code == 200
    with run_lock(place.room.engine, "run since noon"):
        ada.post(f"/hand/withdraw/{uid}", **SURE)
    told = ada.soup("/hand").select_one('[role="status"]').get_text()
    assert "may still lie in the database's free space: a night is at work" in told
    ada.post(f"/hand/withdraw/{uid}", **SURE)
    again = ada.soup("/hand").select_one('[role="status"]').get_text()
    assert ("was withdrawn before" in again, "free space" in again) == (True, False)


@on_one
@pytest.mark.parametrize("reference", ["0000000000000000", "999"])
def test_there_must_be_a_story(place: Place, reference: str) -> None:
    """When it is asked about, and when it is to be withdrawn."""
    ada = place.ada()
    assert ada.get(f"/hand/withdraw/{reference}").status_code == 404
    assert ada.post(f"/hand/withdraw/{reference}", **SURE).status_code == 404
