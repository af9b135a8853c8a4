"""Put the work by hand into the application, where the settings have a token for it."""

from fastapi import FastAPI

from flows.web.handwork import labels, reruns, sign_in, withdrawals
from flows.web.handwork.desk import HandworkContext, KnowsPeople
from flows.web.handwork.door import SignInGuard
from flows.web.handwork.sessions import Sessions
from flows.web.reading import ReadingRoom


def attach(app: FastAPI, room: ReadingRoom) -> None:
    """Add the routes that write, and whom they know; without a token nothing."""
    token = room.settings.web.token
    if token is None:
        return
    desk = HandworkContext(door=SignInGuard(token.revealed()), sessions=Sessions(room.clock))
    app.state.desk = desk
    app.add_middleware(KnowsPeople, sessions=desk.sessions)
    for routes in (sign_in, labels, withdrawals, reruns):
        app.include_router(routes.router, include_in_schema=False)
