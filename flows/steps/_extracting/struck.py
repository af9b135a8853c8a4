"""Words that were struck out, and stand beside those that were put in their place: 5 struck out for 7 is not 57."""

from lxml.html import HtmlElement


def part_struck_words(tree: HtmlElement) -> None:
    """Put a space between struck words and the letters or figures that touch them."""
    for element in tree.iter("del", "s", "strike"):
        said = element.text_content()
        if _ends_in_word(_before(element)) and said[:1].isalnum():
            element.text = f" {element.text or ''}"
        if _ends_in_word(said) and _after(element)[:1].isalnum():
            element.tail = f" {element.tail or ''}"


def _ends_in_word(text: str) -> bool:
    return text[-1:].isalnum()


def _before(element: HtmlElement) -> str:
    sibling, parent = element.getprevious(), element.getparent()
    if sibling is None:
        return (parent.text if parent is not None else "") or ""
    return sibling.tail or _words(sibling)


def _after(element: HtmlElement) -> str:
    sibling = element.getnext()
    return element.tail or ("" if sibling is None else _words(sibling))


def _words(element: HtmlElement) -> str:
    return element.text_content() if isinstance(element.tag, str) else ""
