"""A shard: a flow run that works some feeds of a night which another run has opened; and how that run asks for it."""

import logging
from collections.abc import Mapping
from typing import Annotated, Any, Final
from uuid import UUID

from httpx import HTTPError
from prefect import State, flow
from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId, WorkerFilter, WorkerFilterStatus
from prefect.client.schemas.objects import StateType, WorkerStatus
from prefect.deployments import arun_deployment
from prefect.exceptions import ObjectNotFound
from prefect.runtime import flow_run
from prefect.states import Cancelling, Completed, Failed
from pydantic import Field

from config.settings import load_settings
from flows.ingest.distribute import ShareProgress, distribute
from flows.ingest.passes import TaskRunner, work_feeds
from flows.runs.context import RunContext
from flows.runs.joining import join_run
from flows.runs.plan import Shard, host_of
from flows.tasks import PREFECT_RUNNER
from flows.workers.parent import exit_with_parent
from models.errors import ArchiveError
from models.reports import FeedStatus
from models.wording import counted

log = logging.getLogger(__name__)

SHARD: Final = "shard"
_DEPLOYMENT: Final = f"{SHARD}/{SHARD}"
_ENDED: Final = {StateType.COMPLETED, StateType.FAILED, StateType.CRASHED, StateType.CANCELLED}

RunId = Annotated[int, Field(ge=1, lt=2**63)]  # what fits into a key
Hosts = Annotated[list[str], Field(min_length=1)]


@flow(name=SHARD, flow_run_name="shard of run {run_id}", persist_result=False)
async def shard(run_id: RunId, hosts: Hosts) -> State[Any]:
    """Fetch and load a night's feeds of some hosts. Only a night at work starts this; pages are its own.

    Prefect's form shows each argument with its sentence.

    Args:
        run_id: The run of the archive's ledger that these feeds belong to.
        hosts: Its feeds of these hosts, as host or host:port.

    """
    exit_with_parent()
    try:
        async with join_run(load_settings(), run_id, hosts) as run:
            await work_feeds(run, run.plan.specs, PREFECT_RUNNER)
    except ArchiveError as error:
        return Failed(message=str(error))
    failed = sum(one.status is FeedStatus.FAILED for one in run.reports.values())
    name = "CompletedWithErrors" if failed else "Completed"
    return Completed(name=name, message=f"{counted(len(run.reports), 'feed')}, {failed} failed")


async def distribute_run(run: RunContext, runner: TaskRunner, most: int) -> None:
    """Work a night's feeds together with the other workers of the pool that this run came from, if there are any."""
    async with get_client() as client:
        await distribute(run, runner, PrefectWorkerPool(client), most)


class PrefectWorkerPool:
    """The other workers of the work pool that this flow run came from. A server that is away counts as nobody."""

    def __init__(self, client: PrefectClient) -> None:
        self._client = client
        self._runs: list[UUID] = []

    async def size(self) -> int:
        """Count the pool's workers that are there, but for the one at this run."""
        online = WorkerFilter(status=WorkerFilterStatus(any_=[WorkerStatus.ONLINE.value]))
        try:
            pool = (await self._client.read_flow_run(UUID(flow_run.id))).work_pool_name
            workers = await self._client.read_workers_for_work_pool(pool, online) if pool else []
        except HTTPError as error:
            log.warning("the night is not shared: %s", error)
            return 0
        return max(0, len(workers) - 1)

    async def give(self, run_id: int, share: Shard) -> str | None:
        """Start a run of the shard deployment as a child of this one, and wait for nothing."""
        hosts = sorted({host_of(spec) for spec in share.specs})
        try:
            given = await arun_deployment(
                _DEPLOYMENT, self._client, {"run_id": run_id, "hosts": hosts}, timeout=0, tags=[SHARD]
            )
        except (HTTPError, ObjectNotFound) as error:
            log.warning("shard %s is not given out: %s", share.name, error)
            return None
        self._runs.append(given.id)
        log.info("shard %s is given out: %d feeds of %d hosts", share.name, len(share.specs), len(hosts))
        return str(given.id)

    async def standings(self) -> Mapping[str, ShareProgress]:
        """Ask the server how the runs stand."""
        try:
            runs = await self._client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=self._runs)))
        except HTTPError as error:  # it may come back: what the others record is seen without it
            log.debug("the shards' runs cannot be looked at just now: %s", error)
            return {}
        return {str(run.id): _standing(run.state_type) for run in runs}

    async def withdraw(self, runs: list[str]) -> None:
        """Have runs cancelled; the ledger refuses what one of them may still bring."""
        for run in runs:
            try:
                await self._client.set_flow_run_state(UUID(run), Cancelling(message="It is not waited for any more."))
            except (HTTPError, ObjectNotFound) as error:
                log.warning("the shard's run %s could not be cancelled: %s", run, error)


def _standing(state: StateType | None) -> ShareProgress:
    if state in _ENDED:
        return ShareProgress.ENDED
    # PENDING: a worker has taken it, and starts a process.
    return ShareProgress.WAITING if state in {None, StateType.SCHEDULED} else ShareProgress.WORKING
