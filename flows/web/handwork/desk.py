"""Where people work by hand: who they are, what they are told, and what must hold before anything is done."""

import logging
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from threading import Lock
from typing import Annotated, Final, cast
from urllib.parse import urlencode

from fastapi import Depends, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse
from msgspec import Struct, field
from starlette.types import ASGIApp, Receive, Scope, Send

from flows.web.handwork.door import SignInGuard
from flows.web.handwork.forms import Form, posted
from flows.web.handwork.processes import Reruns
from flows.web.handwork.sessions import Sessions, SignedPerson
from flows.web.rendering import page
from models.acts import ActVia, Hand
from models.errors import ConfigError, LockHeld, StorageError

log = logging.getLogger(__name__)
_MOST_TOLD: Final = 100  # people who have not looked yet


class HandworkContext(Struct, frozen=True, kw_only=True):
    """What the work by hand keeps in memory."""

    door: SignInGuard
    sessions: Sessions
    reruns: Reruns = field(default_factory=Reruns)
    withdrawing: Lock = field(default_factory=Lock)  # one at a time: each writes the whole database anew
    _told: dict[str, list[str]] = field(default_factory=dict)  # by session
    _telling: Lock = field(default_factory=Lock)

    def tell(self, person: SignedPerson, lines: Sequence[str]) -> None:
        """Have a person read something on their desk, once."""
        with self._telling:
            while len(self._told) >= _MOST_TOLD:
                del self._told[next(iter(self._told))]
            self._told[person.session] = list(lines)

    def told(self, person: SignedPerson) -> list[str]:
        """Take what a person is to read."""
        with self._telling:
            return self._told.pop(person.session, [])


class Signed(Struct, frozen=True, kw_only=True):
    """A form that a person sent who is signed in."""

    person: SignedPerson
    form: Form

    @property
    def hand(self) -> Hand:
        """Return who it is, for the ledger."""
        return Hand(name=self.person.name, via=ActVia.WEB)


class KnowsPeople:
    """Looks at the cookie of each request, so that every page knows who asks."""

    def __init__(self, app: ASGIApp, sessions: Sessions) -> None:
        """Take the application and the sessions."""
        self._app, self._sessions = app, sessions

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "http":
            request = Request(scope)
            request.state.person = self._sessions.person_of(request.cookies.get(cookie_name(request), ""))
        await self._app(scope, receive, send)


def cookie_name(request: Request) -> str:
    """Return the name of the cookie: a browser shares cookies among all servers of a host, whatever their ports."""
    return f"archive-session-{request.url.port or 'web'}"


def desk_of(request: Request) -> HandworkContext:
    """Return the desk of an application."""
    return cast("HandworkContext", request.app.state.desk)


def person_of(request: Request) -> SignedPerson | None:
    """Return who asks; None where nobody is signed in."""
    return cast("SignedPerson | None", request.state.person)


def sign_in_first(request: Request) -> RedirectResponse:
    """Lead somebody who is not signed in to where one does, and back from there."""
    return RedirectResponse(f"/hand?{urlencode({'next': request.url.path})}", 303)


def signed(request: Request, form: Annotated[Form, Depends(posted)]) -> Signed:
    """Return a form with who sent it. Raise HTTPException where nobody is signed in, or it is not of their session."""
    person = person_of(request)
    if person is None:
        raise HTTPException(403, "You are not signed in, or your session has ended. Nothing was done: sign in again.")
    if not desk_of(request).sessions.is_form_key(person, form.one("key")):
        raise HTTPException(403, "This form is not of your session. Nothing was done: open it again.")
    return Signed(person=person, form=form)


SignedForm = Annotated[Signed, Depends(signed)]


def hand_page(request: Request, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Render a page with a form: never kept, and a browser says of it that it is ours."""
    person = person_of(request)
    key = desk_of(request).sessions.form_key_of(person) if person else ""
    answer = page(request, template, status, key=key, once=secrets.token_urlsafe(9), **values)
    answer.headers["cache-control"] = "no-store"
    # With `no-referrer`, a browser would send a form with the Origin "null"; other sites still learn nothing.
    answer.headers["referrer-policy"] = "same-origin"
    return answer


@contextmanager
def told_plainly() -> Iterator[None]:
    """Turn what can be in the way of an act into a sentence for the person."""
    try:
        yield
    except LockHeld as held:
        raise HTTPException(409, f"{held} Nothing was done: try again later.") from None
    except (StorageError, ConfigError) as error:
        log.warning("an act by hand could not be done: %s", error)  # it names paths, which no page shows
        raise HTTPException(503, "The archive cannot be written now. The server's messages say why.") from None
