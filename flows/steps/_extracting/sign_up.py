"""Take boxes that offer a letter by mail out of a page: their form goes anyway, and what invites to it is no story."""

import re
from typing import Final

from lxml.html import HtmlElement

from flows.steps._extracting.regions import line_of

_MAIL_FIELD = './/input[@type="email" or contains(translate(@name, "EMAIL", "email"), "mail")]'
INVITES = re.compile(
    r"newsletter|sign[- ]?up|subscribe|inbox|nieuwsbrief|abonnier|abonnez|inscri|suscr|assine|iscriviti|bolet[ií]n|"
    r"boletim|infolettre|nyhetsbrev|nyhedsbrev|uutiskirje|hírlevél|zpravodaj|bülten|рассылк|ενημερωτικό δελτίο|النشرة|"
    r"ニュースレター|メルマガ|뉴스레터|订阅|訂閱|電子報",
    re.IGNORECASE,
)
_BOXES = ("aside", "div", "section")
_NEVER = ".//h1 | .//article | .//figure | .//table"
_LONGEST: Final = 400  # characters around the form
_MOST: Final = 20  # forms of a page
_MOST_PARAGRAPHS: Final = 4
_MOST_TOLD: Final = 0.5  # of what the page says: a short note beside a form is its story


def drop_sign_up_boxes(tree: HtmlElement) -> None:
    """Take out of tree each box whose form asks for an address of mail and whose few words invite to give it."""
    for form in [one for one in tree.iter("form") if one.xpath(_MAIL_FIELD)][:_MOST]:
        box = _box_of(form)
        if box is not None and box.getparent() is not None and _told_in(box) <= _MOST_TOLD * _told_in(tree):
            box.drop_tree()


def _told_in(element: HtmlElement) -> int:
    return sum(len(line_of(one)) for one in element.iter("p"))


def _box_of(form: HtmlElement) -> HtmlElement | None:
    """Return the box around a form that holds what invites to it, and nothing more."""
    own, box, invites = line_of(form), None, False
    held = own
    for around in form.iterancestors():
        said = line_of(around)
        is_small = len(said) - len(own) <= _LONGEST and len(list(around.iter("p"))) <= _MOST_PARAGRAPHS
        if around.tag not in _BOXES or not is_small or around.xpath(_NEVER) or (invites and len(said) > len(held)):
            break
        box, held = around, said
        invites = INVITES.search(said.replace(own, " ", 1)) is not None
    return box if invites else None
