"""Which stories come first in a list of results: told without reading all that a query finds.

A word may stand in most stories of a large archive. So the newest are looked for among those that came in last, and
then further back each time (newest.py). The best are first those whose titles say all that is asked for, and then, of
the MOST_RANKED that came in last, those that rank highest (best.py).
"""

from msgspec.structs import replace
from sqlalchemy import Connection

from models.queries.searching.asking import Order, SearchRequest, is_widened
from models.queries.searching.best import Places, best
from models.queries.searching.newest import newest
from models.queries.searching.ordering import Window, in_order, place_of, statement_of
from models.search.query import parse_query


def places(connection: Connection, wanted: SearchRequest, *, earliest: bool = False) -> Places:
    """Return which stories are wanted, in order.

    Where of copies of one text one is wanted, it is the one that comes first, or the earliest one.
    """
    if earliest and wanted.filter.unique:
        rows = connection.execute(statement_of(connection, wanted, Window()).limit(wanted.limit)).all()
        return Places(found=[place_of(row, row.rank) for row in rows])
    if wanted.query is not None and not is_widened(wanted):
        if wanted.order is Order.RELEVANCE and parse_query(wanted.query).groups:
            return best(connection, wanted, wanted.query)
        return Places(found=newest(connection, replace(wanted, order=Order.NEWEST), wanted.query))
    return Places(found=in_order(connection, wanted, Window()))
