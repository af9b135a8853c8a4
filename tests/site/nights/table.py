"""All cases of the nights, in the order of the classes."""

from typing import Final

from tests.site.nights.case import NightCase
from tests.site.nights.contents import ATTACK, CONTENT
from tests.site.nights.documents import ENCODING, FRAMING, XML
from tests.site.nights.moments import DATES
from tests.site.nights.roads import NETWORK, REDIRECTS, SLOW
from tests.site.nights.statuses import CACHING, RETRY, STATUS
from tests.site.nights.stories import IDENTITY

CASES: Final[tuple[NightCase, ...]] = (
    *STATUS,
    *RETRY,
    *CACHING,
    *REDIRECTS,
    *NETWORK,
    *SLOW,
    *FRAMING,
    *ENCODING,
    *XML,
    *ATTACK,
    *IDENTITY,
    *DATES,
    *CONTENT,
)
