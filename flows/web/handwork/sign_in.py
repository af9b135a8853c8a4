"""Sign in and out, and the desk of somebody who is signed in."""

import logging
import re
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import RedirectResponse, Response

from flows.upkeep.by_hand import note
from flows.web.handwork.desk import (
    SignedForm,
    cookie_name,
    desk_of,
    hand_page,
    person_of,
    told_plainly,
)
from flows.web.handwork.door import TooOften
from flows.web.handwork.forms import Form, posted
from flows.web.handwork.sessions import LENGTH, SignedPerson
from flows.web.reading import room_of
from models.acts import Act, ActKind, ActVia, Hand
from models.queries.acts import list_acts

log = logging.getLogger(__name__)
router = APIRouter(prefix="/hand")
LONGEST_NAME: Final = 60
_ACTS: Final = 10
# Where one comes from: a page of ours, and nothing that a browser could take for another site.
_OURS: Final = re.compile(r"/(?:search|health|(?:story|runs|hand)(?:/[\w.-]+)+)?")


@router.get("")
def desk(request: Request, back: Annotated[str, Query(alias="next", max_length=200)] = "") -> Response:
    """Show the desk of somebody who is signed in, and to others how to sign in."""
    person = person_of(request)
    if person is None:
        return hand_page(request, "hand_sign_in.html", back=_ours(back), name="", wrong="")
    room = room_of(request)
    with room.view() as connection:
        acts = list_acts(connection, _ACTS)
    told = desk_of(request).told(person)
    return hand_page(request, "hand.html", acts=acts, told=told, reruns=desk_of(request).reruns.standings())


@router.get("/sign-in")
def form_again() -> Response:
    """Lead to the form: what a refusal left in the browser's address has none."""
    return RedirectResponse("/hand", 303)


@router.post("/sign-in")
def sign_in(request: Request, form: Annotated[Form, Depends(posted)]) -> Response:
    """Begin a session for somebody who knows the token and gives a name."""
    name = form.line("name")
    if not name or len(name) > LONGEST_NAME:
        return _refused(request, form, 400, f"Give a name of 1 to {LONGEST_NAME} characters.")
    try:
        if not desk_of(request).door.admits(form.one("token").strip()):
            log.warning("somebody gave a wrong token on the pages")
            return _refused(request, form, 403, "That is not the token.")
    except TooOften as often:
        answer = _refused(request, form, 429, f"Too many wrong tokens. Try again in {often.wait_s} seconds.")
        answer.headers["retry-after"] = str(often.wait_s)
        return answer
    person = desk_of(request).sessions.begin(name)
    with told_plainly():
        _note(request, Hand(name=name, via=ActVia.WEB), ActKind.SIGNED_IN)
    answer = RedirectResponse(_ours(form.one("next")) or "/hand", 303)
    _give_cookie(request, answer, person)
    return answer


@router.post("/sign-out")
def sign_out(request: Request, signed: SignedForm) -> Response:
    """End a session, here and in the browser."""
    desk_of(request).sessions.end(signed.person)
    answer = RedirectResponse("/hand", 303)
    answer.delete_cookie(cookie_name(request), httponly=True, samesite="strict", secure=_is_encrypted(request))
    with told_plainly():
        _note(request, signed.hand, ActKind.SIGNED_OUT)
    return answer


def _refused(request: Request, form: Form, status: int, wrong: str) -> Response:
    """Show the form again, with what was wrong and all that was given but the token."""
    given = {"back": _ours(form.one("next")), "name": form.line("name")[:LONGEST_NAME]}
    return hand_page(request, "hand_sign_in.html", status, wrong=wrong, **given)


def _note(request: Request, hand: Hand, kind: ActKind) -> None:
    room = room_of(request)
    note(room.engine, Act(hand=hand, kind=kind), room.clock())


def _give_cookie(request: Request, answer: Response, person: SignedPerson) -> None:
    answer.set_cookie(
        cookie_name(request),
        desk_of(request).sessions.cookie_of(person),
        max_age=int(LENGTH.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=_is_encrypted(request),
    )


def _is_encrypted(request: Request) -> bool:
    """Tell whether the browser speaks https, to us or to a proxy in front."""
    return request.url.scheme == "https" or request.headers.get("origin", "").startswith("https://")


def _ours(path: str) -> str:
    return path if _OURS.fullmatch(path) else ""
