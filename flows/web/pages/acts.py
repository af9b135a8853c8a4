"""What people did by hand: who, when and what."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from flows.web.content.asking import Before
from flows.web.reading import room_of
from flows.web.rendering import page
from models.queries.acts import list_acts

router = APIRouter()
_PAGE: Final = 30


@router.get("/acts")
def acts(request: Request, before: Before = None) -> HTMLResponse:
    """List acts by hand, the newest first."""
    with room_of(request).view() as connection:
        found = list_acts(connection, _PAGE + 1, before)
    following = found[_PAGE - 1].id if len(found) > _PAGE else None
    return page(request, "acts.html", acts=found[:_PAGE], next=following)
