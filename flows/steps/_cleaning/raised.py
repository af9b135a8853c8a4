"""Write raised and lowered figures so that they stay what they are: 10⁶ is not 106, and CO2 is CO2."""

import re

_RAISED = str.maketrans("0123456789+-−=()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾")
_LOWERED = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")
_FIGURES = re.compile(r"[+−-]?\d+(?:[+−-]|[,.–; -]{1,2}\d+)*|[+−-]")
_POWER = re.compile(r"[+−-]?(?:\d+[a-z]|[a-z][+−-]\w{1,5}|[nkx])|[+−-][a-z]{1,3}")
# What stands behind the raised o or 0 of "37<sup>o</sup>C" and "52<sup>0</sup> 30' N": there it is a degree.
_OF_DEGREES = re.compile(r"\s?(?:[CFKNSEW](?!\w)|\d{1,2}\s?['’′])")
# What stands for the tags where a text was pasted from a word processor.
_STYLE = re.compile(r"(?:^|;)\s*vertical-align\s*:\s*(super|sub)\b", re.IGNORECASE)
_LONGEST = 20  # characters; what is longer is running text in small type


def raised(text: str, before: str, after: str = "") -> str:
    """Return what stands in <sup> behind the character before: figures raised, ordinals ("1er", "2nd") as they are.

    after is the text that follows: before a scale or a point of the compass an o or 0 is a degree.
    """
    said = text.strip()
    if len(said) > _LONGEST:
        return text
    is_behind_figure = before.isdigit() or before.isspace()
    if said.lower() in {"o", "0"} and is_behind_figure and _OF_DEGREES.match(after):
        return "°"
    if said == "o" and before.isdigit():
        return "º"
    if _FIGURES.fullmatch(said):
        return text.translate(_RAISED)
    if not before.strip() or not _POWER.fullmatch(said) or (before.isdigit() and said[0].isdigit()):
        return text
    return f"^{said}" if len(said) == 1 else f"^({said})"


def lowered(text: str, before: str, _after: str = "") -> str:
    """Return what stands in <sub> behind the character before: a figure behind a figure lowered, the rest as it is."""
    return text.translate(_LOWERED) if before.isdigit() and text.strip().isdigit() else text


def script_of(style: str) -> str | None:
    """Return the tag that says what a style attribute does: sup, sub or none."""
    match = _STYLE.search(style)
    return match and {"super": "sup", "sub": "sub"}[match[1].lower()]
