"""Ask the Prefect server that serves an archive, over its API and without importing Prefect."""

import os
import time
from typing import Final
from uuid import uuid4

import httpx
from msgspec import Struct

from config.settings import Settings
from flows.server.secret import CLIENT_SETTING
from flows.server.server import API_SETTING, announced_secret, answers, live_address

UI_SETTING: Final = "PREFECT_UI_URL"  # Prefect's own: where a browser finds its pages
_DEPLOYMENT: Final = "nightly/nightly"  # flow and deployment
_PATIENCE_S: Final = 20.0
# Prefect's server answers 503 while its SQLite is being written by another request; its own client asks again too.
_PAUSES_S: Final = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)


class Serving(Struct, frozen=True, kw_only=True):
    """A server that answers, and what its API wants to be shown."""

    api_url: str
    secret: str


class RunRequested(Struct, frozen=True, kw_only=True):
    """What became of asking for a run."""

    flow_run_id: str | None = None
    is_new: bool = True  # else the same was asked for before
    refusal: str = ""  # why there is none


def serving(settings: Settings) -> Serving | None:
    """Return the server that PREFECT_API_URL names, else that of `serve`; None where none answers."""
    if url := os.environ.get(API_SETTING, "").rstrip("/"):
        return Serving(api_url=url, secret=os.environ.get(CLIENT_SETTING, "")) if answers(url) else None
    if url := live_address(settings) or "":
        return Serving(api_url=url, secret=announced_secret(settings))
    return None


def flow_run_page(settings: Settings) -> str | None:
    """Return the address under which a browser finds flow runs by their ids; None where no server answers."""
    server = serving(settings)
    if server is None:
        return None
    pages = os.environ.get(UI_SETTING) or server.api_url.removesuffix("/api")
    return f"{pages.rstrip('/')}/runs/flow-run/"


def ask_for_rerun(server: Serving, run_id: int, once: str) -> RunRequested:
    """Have a server start a run over the feeds that failed in a run; of the same `once` it starts one alone."""
    user, _, password = server.secret.partition(":")
    auth = httpx.BasicAuth(user, password) if server.secret else None
    try:
        # No proxy of the environment: it is for the web.
        with httpx.Client(base_url=server.api_url, auth=auth, timeout=_PATIENCE_S, trust_env=False) as client:
            found = _answer(client, client.build_request("GET", f"/deployments/name/{_DEPLOYMENT}"))
            if found.is_error:
                return RunRequested(refusal=_refusal(found))
            body = {
                "parameters": {"mode": "rerun", "of_run": str(run_id)},
                "idempotency_key": f"rerun-{run_id}-{once}",
                "name": f"rerun of run {run_id}",
            }
            path = f"/deployments/{found.json()['id']}/create_flow_run"
            return _asked(_answer(client, client.build_request("POST", path, json=body, headers=_guard(client))))
    except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:  # no answer, or none of Prefect's
        return RunRequested(refusal=f"it gave no answer that can be read ({type(error).__name__})")


def _answer(client: httpx.Client, request: httpx.Request) -> httpx.Response:
    """Ask, and again for some seconds where the server is busy. What changes something has a key: it is done once."""
    for pause_s in _PAUSES_S:
        answer = client.send(request)
        if answer.status_code != httpx.codes.SERVICE_UNAVAILABLE:
            return answer
        time.sleep(pause_s)
    return client.send(request)


def _guard(client: httpx.Client) -> dict[str, str]:
    """Return the headers that a server wants with every change, where it wants any."""
    name = str(uuid4())
    token = _answer(client, client.build_request("GET", "/csrf-token", params={"client": name}))
    if token.is_error:  # it takes changes without
        return {}
    return {"Prefect-Csrf-Client": name, "Prefect-Csrf-Token": token.json()["token"]}


def _asked(answer: httpx.Response) -> RunRequested:
    if answer.is_error:
        return RunRequested(refusal=_refusal(answer))
    return RunRequested(flow_run_id=str(answer.json()["id"]), is_new=answer.status_code == httpx.codes.CREATED)


def _refusal(answer: httpx.Response) -> str:
    return f"it answered {answer.status_code} {answer.reason_phrase}".strip()
