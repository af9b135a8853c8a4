"""What was learnt for the topics, for both readers. models.stages has all that flows through a night."""

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

# How a classifier's version ends where the second reader is yet to be asked; before it stands what it will be.
UNREAD: Final = "-unread"


def is_unread(classifier_version: str) -> bool:
    """Tell whether labels of this version are the first reader's, and the second is yet to be asked."""
    return classifier_version.endswith(UNREAD)


class LinearWeights(Struct, frozen=True, kw_only=True):
    """What was learnt from labelled stories: how much each n-gram of words speaks for each topic and for the gate.

    Whole numbers of thousandths, so that every machine comes to the same scores.
    """

    digest: str  # sha256 of the file; part of classifier_version
    topics: tuple[str, ...]  # ids, in the order of the weights
    title_factor: int  # an n-gram of the title counts so many times one of the text
    ngrams: tuple[str, ...]  # one or two words in small letters and the singular
    squares: tuple[int, ...]  # per n-gram: its rarity squared, for the length of a story's vector
    weights: tuple[Sequence[int], ...]  # per n-gram: rarity x weight for each topic, then for the gate
    biases: tuple[float, ...]  # for each topic, then for the gate
    gate_points_factor: float  # x log(1 + points of the gate's terms) is added to the gate's score
    terms_shares: tuple[float, ...]  # for each topic: the terms' part of its strength; the weights have the rest
    confidence: tuple[float, float]  # slope and offset of the logistic curve from a label's score to its probability


class MeaningWeights(Struct, frozen=True, kw_only=True):
    """What was learnt for the reader of meaning: heads over an encoder's vectors, and when and how it is heard."""

    digest: str  # sha256 of the file; part of classifier_version
    encoder: str  # whose vectors the heads read
    topics: tuple[str, ...]  # ids, in the order of the heads
    heads: bytes  # float16: for the title's vector, then the text's, a row a dimension; columns as the biases
    biases: tuple[float, ...]  # for each topic, for the gate of a story with a text, for that of a title alone
    # Each of these two times, as the gate: of a story with a text, of a title alone (flows/steps/_labelling/second.py).
    gate_marks: tuple[tuple[float, ...], ...]  # x logarithms of the terms' points for it, against, for the best topic
    gate_blend: tuple[tuple[float, ...], ...]  # how both readers' log-odds become one
    foreign_gate: tuple[float, ...]  # added to the log-odds where the first reader does not know the language
    examples: bytes  # int8: a row a story that teaches by likeness, of 512 (flows/steps/_labelling/alike.py)
    example_topics: tuple[int, ...]  # of the first, which vote: of each a bit a topic, the first topic the lowest
    center: tuple[float, ...]  # of the examples that vote
    example_terms: bytes  # uint8: of each the topics' shares of its terms' points
    example_says: bytes  # float16: of each what likeness to it adds to every topic
    usual: tuple[float, ...]  # how probable each topic is where nothing is alike
    stack: tuple[tuple[float, ...], ...]  # for each topic: what makes a probability of both readers' (second.py)
    doubted_text: tuple[float, float]  # log-odds of the first reader from and to which it doubts
    doubted_title: tuple[float, float]  # the same, of a title without a text
