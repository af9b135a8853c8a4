"""The archive's pages beside `serve`: a process of their own, whose trouble is no night's."""

from config.settings import Settings
from flows.server.child import ChildServer
from flows.server.server import port_at


class Pages(ChildServer):
    """A process that serves the archive's pages, on the port of the settings, else on any that is free."""

    def __init__(self, settings: Settings) -> None:
        # By its name: pages stand above the commands, and what they cost is their own process's.
        super().__init__("flows.web.process", port_at(settings.web.port) or port_at(0) or settings.web.port)
