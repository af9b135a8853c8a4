"""What `serve` does once its server answers: start nights when they are due, and end in good order when told to."""

import asyncio
import signal
import tempfile
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final
from uuid import UUID

import click
from prefect.client.orchestration import PrefectClient, get_client
from prefect.runner import Runner
from prefect.schedules import Interval

from config.settings import Settings
from flows.deploy import deployments
from flows.runs.database import make_folder, ready_engine
from flows.runs.schedule import next_time
from flows.server.missed_runs import start_missed_run
from flows.server.pages import Pages
from flows.server.secret import is_kept, secret_file
from flows.server.server import Server
from flows.server.stale_runs import close_abandoned
from models.wording import counted

SERVER_POLL_S: Final = 1.0  # between two looks at the server's process
END_S: Final = 7.0  # for the runs at work to be closed, before they are ended by force


async def serve_schedule(settings: Settings, server: Server, pages: Pages, every_s: int | None = None) -> None:
    """Start nights by schedule and by hand until SIGTERM or Ctrl-C; then close the runs at work."""
    runner = _runner(settings)
    schedule = Interval(every_s) if every_s else None
    nightly, *others = await deployments(settings, schedule)
    nightly_id = await runner.aadd_deployment(nightly)
    for deployment in others:
        await runner.aadd_deployment(deployment)
    async with get_client() as client:
        await _make_good(settings, client, nightly_id)
    _greet(settings, server, pages, every_s)
    async with _running(runner) as work, _watched(server, pages) as watch:
        told = asyncio.create_task(_told_to_end())
        await asyncio.wait({work, watch, told}, return_when=asyncio.FIRST_COMPLETED)
        if told.done():
            click.echo("Ending; runs at work are closed first.", err=True)
            await _end(runner, work)
        else:
            told.cancel()
            await asyncio.gather(*(task for task in (work, watch) if task.done()))


def _runner(settings: Settings) -> Runner:
    """Make what starts the runs, one at a time: the others wait their turn at the server."""
    folder = settings.home / "prefect"
    make_folder(folder)
    before = tempfile.tempdir
    # Prefect keeps a folder of one fixed name there; in /tmp it would be that of whoever came first.
    tempfile.tempdir = str(folder)
    try:
        return Runner(name="serve", limit=1, pause_on_shutdown=False)
    finally:
        tempfile.tempdir = before


async def _make_good(settings: Settings, client: PrefectClient, nightly_id: UUID) -> None:
    """Close what a crash left open, and start the last night of the schedule if it has not been yet."""
    with ready_engine(settings) as engine:
        if closed := await close_abandoned(client, engine):
            click.echo(f"{counted(closed, 'run')} of a process that is gone: closed as crashed.", err=True)
    if await start_missed_run(settings, client, nightly_id):
        click.echo("No night has succeeded since it was due: one is started now.", err=True)


def _greet(settings: Settings, server: Server, pages: Pages, every_s: int | None) -> None:
    due_at = next_time(settings.nightly_cron, settings.zone, datetime.now(settings.zone))
    when = f"every {every_s} seconds" if every_s else f"at {due_at:%Y-%m-%d %H:%M} ({settings.timezone})"
    click.echo(f"The archive is at {pages.url}: the last night, search, stories, runs.")
    click.echo(f"Prefect's pages are at {server.url}: runs, logs, and Deployments > nightly > Run to start one.")
    if is_kept(settings, server.secret):
        click.echo(f"They ask once for a password: the line in {secret_file(settings)}.")
    click.echo(f"The next night begins {when}. Ctrl-C ends all of it.")


@asynccontextmanager
async def _running(runner: Runner) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(runner.start())
    await asyncio.sleep(0)  # the runner has set its signal handler, which ours then replaces
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def _watched(server: Server, pages: Pages) -> AsyncIterator[asyncio.Task[None]]:
    """Start the processes of the server and of the pages again whenever they end; runs at work wait for the server."""

    async def watch() -> None:
        while True:
            await asyncio.sleep(SERVER_POLL_S)
            if not server.is_running:
                click.echo("Prefect's server ended and is started again.", err=True)
                server.restart()
            if not pages.is_running:
                click.echo("The archive's pages ended and are started again.", err=True)
                pages.restart()

    task = asyncio.create_task(watch())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def _told_to_end(signals: Sequence[signal.Signals] = (signal.SIGTERM, signal.SIGINT)) -> None:
    told = asyncio.Event()
    for one in signals:
        asyncio.get_running_loop().add_signal_handler(one, told.set)
    await told.wait()


async def _end(runner: Runner, work: asyncio.Task[None]) -> None:
    try:
        async with asyncio.timeout(END_S):
            await runner.astop()
            await asyncio.wait({work})
    except TimeoutError:
        click.echo("A run took too long to end; the next one makes it good.", err=True)
