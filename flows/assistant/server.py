"""Serve the tools over stdin and stdout, which carry nothing else."""

import logging
from functools import partial
from importlib import metadata
from typing import Any, Final

import anyio
import anyio.to_thread
import click
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server
from mcp_types import (
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
    TextContent,
    ToolAnnotations,
)
from mcp_types import Tool as ToolDescription
from pydantic import ValidationError

from flows.assistant.answers import QUOTED
from flows.assistant.tools import TOOLS, Tool, ToolContext
from flows.exports.safe_json import json_text
from models.errors import ArchiveError, StorageError

log = logging.getLogger(__name__)

_AT_ONCE: Final = 4  # tools at work: each holds a view of the archive
_READS: Final = ToolAnnotations(read_only_hint=True, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS: Final = f"A nightly archive of climate news, read only. {QUOTED}"
_NOT_NOW: Final = "The archive cannot be read now; its server's messages say why."
_BUG: Final = "A bug: the server's messages say where it arose."


def serve_tools(desk: ToolContext) -> None:
    """Answer until the other side closes stdin."""
    anyio.run(_serve, desk)


async def _serve(desk: ToolContext) -> None:
    server = make_server(desk)
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())


def make_server(desk: ToolContext) -> Server[dict[str, Any]]:
    """Return the server of an archive's tools."""
    limiter = anyio.CapacityLimiter(_AT_ONCE)

    async def list_tools(_context: object, _asked: PaginatedRequestParams | None) -> ListToolsResult:
        return ListToolsResult(tools=[_described(name, tool) for name, tool in TOOLS.items()])

    async def call_tool(_context: object, asked: CallToolRequestParams) -> CallToolResult:
        work = partial(used, desk, asked.name, asked.arguments or {})
        return await anyio.to_thread.run_sync(work, limiter=limiter)

    return Server(
        "climate-archive",
        title="Climate archive",
        version=metadata.version("climate-archive"),
        instructions=_INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


def used(desk: ToolContext, name: str, arguments: dict[str, Any]) -> CallToolResult:
    """Use a tool. What cannot be done is said in words that an assistant can act on."""
    tool = TOOLS.get(name)
    if tool is None:
        return _refused(f"There is no tool {name!r}; there are {', '.join(TOOLS)}.")
    try:
        found = tool.work(desk, tool.asked.model_validate(arguments))
    except ValidationError as error:
        return _refused(" ".join(_mistakes(error)))
    except StorageError as error:
        log.error("the archive could not be read: %s", error)  # noqa: TRY400 (it names paths, and no line of code)
        return _refused(_NOT_NOW)
    except (ArchiveError, click.UsageError) as error:
        return _refused(error.message if isinstance(error, click.UsageError) else str(error))
    except Exception:  # a bug in one tool ends neither the server nor what else is asked
        log.exception("a bug in the tool %s", name)
        return _refused(_BUG)
    return CallToolResult(content=[TextContent(text=json_text(found))], structured_content=found)


def _described(name: str, tool: Tool) -> ToolDescription:
    return ToolDescription(
        name=name,
        description=f"{tool.summary} {QUOTED}",
        input_schema=tool.asked.model_json_schema(),
        annotations=_READS,
    )


def _mistakes(error: ValidationError) -> list[str]:
    """Say which arguments are wrong, and how."""
    return [
        f"{'.'.join(str(part) for part in one['loc']) or 'arguments'}: {one['msg']}."
        for one in error.errors(include_url=False, include_input=False)
    ]


def _refused(why: str) -> CallToolResult:
    return CallToolResult(content=[TextContent(text=why)], is_error=True)
