# ruff: noqa: E501 - two lists of words
"""What copies are told by: shingles, shares, credit lines."""

import random
from itertools import pairwise

import pytest

from flows.steps.copies import copy_marks, likeness_of
from models.copies import LEAST_ALIKE, Likeness, may_be_alike

WORDS = [
    "river",
    "coast",
    "sea",
    "wall",
    "storm",
    "town",
    "harbour",
    "mayor",
    "report",
    "study",
    "rain",
    "flood",
    "gate",
    "bridge",
    "field",
    "farmer",
    "crop",
    "heat",
    "night",
    "summer",
    "winter",
    "boat",
    "fish",
    "reef",
    "forest",
    "fire",
    "smoke",
    "wind",
    "turbine",
    "grid",
    "power",
    "plant",
    "coal",
    "mine",
    "worker",
    "union",
    "vote",
    "law",
    "court",
    "judge",
    "fine",
    "tax",
    "fund",
    "bank",
    "debt",
    "aid",
    "visit",
    "talk",
    "plan",
    "map",
    "line",
    "road",
    "rail",
    "train",
    "bus",
    "car",
    "tram",
    "bike",
    "path",
    "park",
    "tree",
    "leaf",
]
SIGNS = "河海岸风暴城镇港口市长报告研究雨洪水闸门桥梁田野农民作物热夜夏冬船鱼礁森林火烟风机电网煤矿工人工会投票法律法院法官罚款税银行债务"


def article(seed: int, sentences: int = 25) -> list[str]:
    """Write an article of random sentences."""
    drawn = random.Random(seed)
    return [
        " ".join(drawn.choice(WORDS) for _ in range(drawn.randrange(10, 24))).capitalize() + "."
        for _ in range(sentences)
    ]


def chinese(seed: int) -> list[str]:
    """Write one in a script without spaces."""
    drawn = random.Random(seed)
    return ["".join(drawn.choice(SIGNS) for _ in range(drawn.randrange(15, 40))) + "。" for _ in range(20)]


def edited(sentences: list[str], seed: int) -> str:
    """Do what desks do: another word in fifty, a dateline in front, a sentence or two dropped, one added at the end."""
    drawn = random.Random(seed)
    kept = [one for at, one in enumerate(sentences) if at not in drawn.sample(range(len(sentences)), seed % 3)]
    if " " in kept[0]:
        kept = [" ".join("otherwise" if drawn.random() < 0.02 else word for word in one.split()) for one in kept]
    return f"LONDON, July {seed % 28 + 1} (Reuters) - " + " ".join(kept)


def bands_of(text: str) -> set[bytes]:
    """Return the bands of a text."""
    bands = copy_marks(text, ()).bands
    return {bands[at : at + 4] for at in range(0, len(bands), 4)}


def share_a_band(one: str, other: str) -> bool:
    """Tell whether two texts would be compared."""
    return not bands_of(one).isdisjoint(bands_of(other))


def sketched(one: list[str], other: list[str]) -> bool:
    """Tell whether two texts may be copies by their sketches."""
    return may_be_alike(*(copy_marks(" ".join(text), ()).sketch for text in (one, other)))


def compared(one: str, other: str) -> Likeness:
    """Compare two texts, however little they are alike."""
    found = likeness_of(one, other, 0)
    assert found is not None
    return found


@pytest.mark.parametrize("write", [article, chinese])
def test_copies_are_found(write) -> None:
    """Of edited copies with a Jaccard of 0.7 or more, nineteen in twenty and more share a band."""
    pairs = [(" ".join(write(seed)), edited(write(seed), seed)) for seed in range(120)]
    alike = [pair for pair in pairs if compared(*pair).jaccard >= 0.7]
    assert len(alike) >= 60
    assert sum(share_a_band(*pair) for pair in alike) >= 0.95 * len(alike)


@pytest.mark.parametrize("write", [article, chinese])
def test_other_stories_are_no_copies(write) -> None:
    """What shares a theme and its words, and not its sentences, is far from one."""
    texts = [" ".join(write(seed)) for seed in range(100)]
    assert max(compared(*pair).jaccard for pair in pairwise(texts)) < 0.1
    assert not any(likeness_of(*pair) for pair in pairwise(texts))


@pytest.mark.parametrize("write", [article, chinese])
def test_sketches_know_copies_from_chance(write) -> None:
    """No pair that is a copy is left out for its sketch, and hardly one is compared that shares a few sentences."""
    texts = [write(seed) for seed in range(60)]
    pairs = [(one, one[: 3 + at % 22] + other[3 + at % 22 :]) for at, (one, other) in enumerate(pairwise(texts))]
    judged = [(compared(" ".join(one), " ".join(other)).jaccard, sketched(one, other)) for one, other in pairs]
    assert all(is_kept for jaccard, is_kept in judged if jaccard >= LEAST_ALIKE)
    assert not any(is_kept for jaccard, is_kept in judged if jaccard < 0.2)
    assert {jaccard >= LEAST_ALIKE for jaccard, _ in judged} == {True, False}


def test_shares_say_what_became_of_the_original() -> None:
    """Four sentences: two kept, one changed, one cut; and one of the copy's own."""
    kept = ["The wall along the old quay is low.", "Nobody has mended it for years and years."]
    changed = "The town will pay for a new one in the spring of next year."
    cut = "A second wall is not planned at all, the office said."
    own = "Readers wrote to this newspaper about it in great numbers."
    copy = [*kept, changed.replace("spring", "autumn"), own]
    found = compared(" ".join([*kept, changed, cut]), " ".join(copy))
    words = {name: len(sentence.split()) for name, sentence in (("changed", changed), ("cut", cut), ("own", own))}
    total = sum(len(one.split()) for one in kept) + words["changed"] + words["cut"]
    assert found.changed == pytest.approx(words["changed"] / total)
    assert found.cut == pytest.approx(words["cut"] / total)
    assert found.kept + found.changed + found.cut == pytest.approx(1)
    assert found.added == pytest.approx(words["own"] / sum(len(one.split()) for one in copy))


def test_short_texts_are_no_evidence() -> None:
    """A teaser of a line is nobody's copy."""
    assert copy_marks("Read the whole story on our site, and tell your friends about it today.", ()).bands == b""


@pytest.mark.parametrize(
    ("agency", "text", "authors"),
    [
        ("Reuters", "LONDON, July 14 (Reuters) - The sea rose.", ()),
        ("AP", "GENEVA (AP) — The sea rose.", ()),
        ("AFP", "PARIS, July 14, 2026 (AFP) - The sea rose.", ()),
        ("AFP", "Paris, AFP – La mer monte.", ()),
        ("dpa", "Berlin (dpa) - Das Meer steigt.", ()),
        ("dpa", "Hannover (dpa/lni) – Das Meer steigt.", ()),
        ("EFE", "Madrid, 14 jul (EFE).- El mar sube.", ()),
        ("ANSA", "(ANSA) - ROMA, 14 LUG - Il mare sale.", ()),
        ("Xinhua", "BEIJING, July 14 (Xinhua) -- The sea rose.", ()),
        ("Xinhua", "新华社北京7月14日电 海平面上升。", ()),
        ("Kyodo", "【北京共同】海面が上昇した。", ()),
        ("Yonhap", "(서울=연합뉴스) 해수면이 올랐다.", ()),
        ("TASS", "МОСКВА, 14 июля. /ТАСС/. Море поднялось.", ()),
        ("AP", "The sea rose.", ("Associated Press",)),
        ("AP", "The sea rose.", ("By Ada Lind, Associated Press",)),
        ("Reuters", "The sea rose.", ("Ada Lind | Reuters",)),
        ("AFP", "The sea rose. It will rise further.\n\n© AFP", ()),
        ("Lusa", "O mar subiu.\n\nLusa", ()),
        (None, "The AP poll of farmers says that the sea rose (see map).", ()),
        (None, "She told Reuters that the sea rose.", ("Ada Lind",)),
        (None, "The sea rose, TT-races were called off.", ("Anita Patel",)),
    ],
)
def test_credit_lines_name_their_agency(agency: str | None, text: str, authors: tuple[str, ...]) -> None:
    """In a dateline, at the end, among the authors; a mention is no credit."""
    assert copy_marks(text, authors).agency == agency


@pytest.mark.parametrize("text", ["(" * 50_000, "AP " * 30_000, "a" * 100_000, "河" * 50_000, "(AP" * 20_000])
def test_hostile_texts_are_read_in_bounds(text: str) -> None:
    """However long."""
    copy_marks(text, (text,))
    compared(text, text[1:])
