"""Withdraw a story by hand: asked once why, and once more whether it is meant."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from flows.cli.stories.withdraw import chosen_story, left_line, withdrawal_lines
from flows.upkeep.withdraw import TakedownScope, withdraw_by_hand
from flows.web.handwork.desk import SignedForm, desk_of, hand_page, person_of, sign_in_first, told_plainly
from flows.web.reading import ReadingRoom, room_of

router = APIRouter(prefix="/hand/withdraw")
_LONGEST_REASON: Final = 400


@router.get("/{reference}")
def ask(request: Request, reference: str) -> Response:
    """Show which story it is, and ask why."""
    return _page(request, reference) if person_of(request) else sign_in_first(request)


@router.post("/{reference}")
def withdraw(request: Request, reference: str, signed: SignedForm) -> Response:
    """Ask whether it is meant; where a person has said so, take the story's words out for good."""
    reason = signed.form.line("reason")
    if not reason or len(reason) > _LONGEST_REASON:
        wrong = f"Say why, in 1 to {_LONGEST_REASON} characters."
        return _page(request, reference, 400, wrong=wrong, reason=reason[:_LONGEST_REASON])
    if signed.form.one("sure") != "yes":
        wrong = "Nothing was withdrawn: say that you mean it." if signed.form.one("asked") else ""
        return _page(request, reference, 400 if wrong else 200, wrong=wrong, reason=reason, is_second=True)
    room, desk = room_of(request), desk_of(request)
    with room.view() as connection:
        chosen = chosen_story(connection, reference)
    with told_plainly(), desk.withdrawing:
        done = withdraw_by_hand(_archive(room), chosen.id, reason, signed.hand, room.clock())
    room.shelf.clear()
    desk.tell(signed.person, [*withdrawal_lines(done), *([left_line(done.left)] if done.left else [])])
    return RedirectResponse("/hand", 303)


def _archive(room: ReadingRoom) -> TakedownScope:
    return TakedownScope(engine=room.engine, raw=room.raw, home=room.settings.home)


def _page(  # noqa: PLR0913
    request: Request, reference: str, status: int = 200, *, wrong: str = "", reason: str = "", is_second: bool = False
) -> Response:
    with room_of(request).view() as connection:
        chosen = chosen_story(connection, reference)
    values = {"chosen": chosen, "reference": reference, "wrong": wrong, "reason": reason, "is_second": is_second}
    return hand_page(request, "hand_withdraw.html", status, **values)
