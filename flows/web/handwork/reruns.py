"""Fetch again what failed in a run: through Prefect where it serves, else as the command would."""

from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import RedirectResponse, Response

from flows.runs.choice import fetch_again
from flows.runs.opening import RunRequest
from flows.server.asking import RunRequested, ask_for_rerun, serving
from flows.upkeep.by_hand import note, note_outcome
from flows.web.handwork.desk import Signed, SignedForm, desk_of, hand_page, person_of, sign_in_first, told_plainly
from flows.web.reading import room_of
from models.acts import Act, ActKind

router = APIRouter(prefix="/hand/rerun")
_LONGEST_ONCE: Final = 40


@router.get("/{reference}")
def ask(request: Request, reference: str) -> Response:
    """Show which feeds of a run gave nothing, and ask whether to fetch them again."""
    if person_of(request) is None:
        return sign_in_first(request)
    wanted = _wanted(request, reference)
    return hand_page(request, "hand_rerun.html", run_id=wanted.parent_run_id, feeds=wanted.feeds)


@router.post("/{reference}")
def rerun(request: Request, reference: str, signed: SignedForm) -> Response:
    """Have them fetched again, and say how."""
    wanted = _wanted(request, reference)
    run_id = wanted.parent_run_id
    if not wanted.feeds or run_id is None:
        raise HTTPException(409, f"No feed failed in run {reference}: there is nothing to fetch again.")
    room = room_of(request)
    with told_plainly():
        number = note(
            room.engine, Act(hand=signed.hand, kind=ActKind.RERAN, run_id=run_id, detail="asked for"), room.clock()
        )
        outcome, lines = _begun(request, signed, run_id)
        note_outcome(room.engine, number, outcome)
    desk_of(request).tell(signed.person, lines)
    return RedirectResponse("/hand", 303)


def _wanted(request: Request, reference: str) -> RunRequest:
    """Return the request for what failed in a run. Raise NotFound."""
    with room_of(request).view() as connection:
        return fetch_again(connection, RunRequest(), reference, only_failed=True)


def _begun(request: Request, signed: Signed, run_id: int) -> tuple[str, list[str]]:
    """Begin a rerun; return what the ledger says of it, and what the person reads."""
    room = room_of(request)
    server = serving(room.settings)
    if server is not None:
        return _through_prefect(ask_for_rerun(server, run_id, signed.form.line("once")[:_LONGEST_ONCE]), run_id)
    command = f"climate-archive rerun {run_id} --failed"
    if not desk_of(request).reruns.start(room.settings, run_id, signed.person.name, room.clock()):
        return "not begun: another was at work", ["A rerun that was started here is still at work: nothing was begun."]
    return f"as a process: {command}", [
        f"No Prefect serves this archive, so `{command}` was started as a process of its own. How it stands is below; "
        "what it brings will be a run of its own."
    ]


def _through_prefect(asked: RunRequested, run_id: int) -> tuple[str, list[str]]:
    if asked.flow_run_id is None:
        return f"not begun: Prefect refused, {asked.refusal}", [
            f"Prefect serves this archive and began nothing: {asked.refusal}."
        ]
    if not asked.is_new:
        return f"asked for before: flow run {asked.flow_run_id}", [
            "That was asked for before: Prefect has it already, and nothing more was begun."
        ]
    return f"through Prefect: flow run {asked.flow_run_id}", [
        f"Prefect was asked to fetch again what failed in run {run_id}, as flow run {asked.flow_run_id}. It begins "
        "when no other run is at work, and will be a run of its own."
    ]
