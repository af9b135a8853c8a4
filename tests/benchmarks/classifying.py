"""How fast stories of 2,200 characters are classified on one core, and against a matcher that tries term after term."""

import re
from collections.abc import Iterator, Sequence
from functools import partial

from msgspec.structs import replace

from config.topics import load_topics
from flows.steps._labelling.encoder import encoder_version, story_vectors
from flows.steps._labelling.meaning import MeaningReader
from flows.steps.classify import Classifier
from models.stages import Taxonomy, Term
from tests.benchmarks.costs import cost_of, interleaved
from tests.benchmarks.material import Text, make_text
from tests.benchmarks.measures import Bound, Measurement

NAME = "classify"
LENGTH = 2200  # characters
STORIES = 2000
NAIVE_STORIES = 20  # it is slow
READ_TWICE = 100
_STORIES_A_SECOND = 2500.0


def measure(rounds: int) -> Iterator[Measurement]:
    """Classify the same stories, and look for the same terms naively in some of them."""
    taxonomy = load_topics(None, second_reader=False)
    texts = [make_text(number, LENGTH) for number in range(STORIES)]
    patterns = _patterns(taxonomy)
    works = {
        "classifier": lambda: cost_of(partial(_classify, Classifier(taxonomy), texts)),
        "naive": lambda: cost_of(partial(_search, patterns, texts[:NAIVE_STORIES])),
    }
    costs = interleaved(rounds, works)
    rates = tuple(STORIES / cost["classifier"].cpu_s for cost in costs)
    naive = tuple(NAIVE_STORIES / cost["naive"].cpu_s for cost in costs)
    yield Measurement(
        benchmark=NAME,
        what="on one core",
        values=rates,
        unit="stories/s",
        aim=_STORIES_A_SECOND,
        bound=Bound.AT_LEAST,
    )
    ratios = tuple(one / other for one, other in zip(rates, naive, strict=True))
    yield Measurement(benchmark=NAME, what=f"to {len(patterns)} patterns, one by one", values=ratios, unit="x")
    if encoder_version() is not None:
        yield from _second_reader(rounds, texts[:READ_TWICE])


def _second_reader(rounds: int, texts: Sequence[Text]) -> Iterator[Measurement]:
    """Measure what the second reader adds where it is asked, and what a story's vector costs."""
    stories = [(text.title, text.text) for text in texts]
    taxonomy = load_topics(None)
    assert taxonomy.meaning is not None
    reader = MeaningReader(taxonomy.meaning)
    story_vectors(stories[:1])  # loads the model
    works = {
        "first": lambda: cost_of(partial(_classify, Classifier(replace(taxonomy, meaning=None)), texts)),
        "read": lambda: cost_of(lambda: [reader.read(*story) for story in stories]),
        "vectors": lambda: cost_of(partial(story_vectors, stories)),
    }
    costs = interleaved(rounds, works)
    first, read, vectors = (
        tuple(1000 * cost[name].cpu_s / len(stories) for cost in costs) for name in ("first", "read", "vectors")
    )
    yield Measurement(benchmark=NAME, what="first reader", values=first, unit="ms a story")
    yield Measurement(benchmark=NAME, what="second reader, where it is asked", values=read, unit="ms a story")
    yield Measurement(
        benchmark=NAME, what="vectors of 10,000 stories", values=tuple(10 * one for one in vectors), unit="s"
    )


def _classify(classifier: Classifier, texts: Sequence[Text]) -> None:
    for text in texts:
        classifier.classify(text.title, text.text)


def _search(patterns: Sequence[re.Pattern[str]], texts: Sequence[Text]) -> None:
    for text in texts:
        for pattern in patterns:
            pattern.findall(text.title)
            pattern.findall(text.text)


def _patterns(taxonomy: Taxonomy) -> list[re.Pattern[str]]:
    terms = [term for topic in taxonomy.topics for term in topic.terms]
    return [_pattern(term) for term in {*terms, *taxonomy.gate.terms, *taxonomy.gate.negatives}]


def _pattern(term: Term) -> re.Pattern[str]:
    end = "" if term.is_prefix else "s?\\b"
    flags = re.NOFLAG if term.is_case_sensitive else re.IGNORECASE
    return re.compile(rf"\b{re.escape(term.text)}{end}", flags)
