"""How fast simple entries are cleaned on their short way, and against BeautifulSoup's way through the same HTML."""

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from xml.sax.saxutils import escape

from flows.steps.clean import CleanHtml, _clean_any, clean_html
from tests.benchmarks.costs import cost_of, interleaved
from tests.benchmarks.material import make_text
from tests.benchmarks.measures import Bound, Measurement

NAME = "clean"
LENGTH = 3400  # characters
STORIES = 300
_LEAST_RATIO = 2.5  # what is shared, mending and nh3, is in both


def measure(rounds: int) -> Iterator[Measurement]:
    """Clean the same entries both ways."""
    entries = [_html(number) for number in range(STORIES)]
    works = {
        "short": lambda: cost_of(partial(_clean, clean_html, entries)),
        "long": lambda: cost_of(partial(_clean, _clean_any, entries)),
    }
    costs = interleaved(rounds, works)
    short, long = (tuple(1000 * cost[name].cpu_s / STORIES for cost in costs) for name in ("short", "long"))
    yield Measurement(benchmark=NAME, what="a simple entry", values=short, unit="ms a story")
    yield Measurement(
        benchmark=NAME,
        what="to BeautifulSoup's way",
        values=tuple(one / other for one, other in zip(long, short, strict=True)),
        unit="x",
        aim=_LEAST_RATIO,
        bound=Bound.AT_LEAST,
    )


def _html(number: int) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in make_text(number, LENGTH).paragraphs)


def _clean(clean: Callable[..., CleanHtml], entries: Sequence[str]) -> None:
    for html in entries:
        clean(html, base_url="https://news.example/")
