"""Label a story by hand: its topics are chosen from topics.yaml, and no run overwrites them."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from config.topics import read_topics
from flows.steps.classify import MAX_TOPICS
from flows.upkeep.by_hand import Labelling, label_story, wrong_topics
from flows.web.handwork.desk import SignedForm, hand_page, person_of, sign_in_first, told_plainly
from flows.web.reading import room_of
from models.queries.one_story import find_story, judgement_of, load_story
from models.queries.searching.snippets import snippet
from models.stages import Taxonomy

router = APIRouter(prefix="/hand/label")
_OFF_TOPIC: Final = "off-topic"
_PLACES: Final = ("First topic", "Second topic", "Third topic")
assert len(_PLACES) == MAX_TOPICS


@router.get("/{reference}")
def ask(request: Request, reference: str) -> Response:
    """Show what a story is labelled with, and ask what it is about."""
    if person_of(request) is None:
        return sign_in_first(request)
    with told_plainly():
        return _form(request, reference, _taxonomy(request))


@router.post("/{reference}")
def label(request: Request, reference: str, signed: SignedForm) -> Response:
    """Give a story its topics, or hide it as not about climate."""
    room = room_of(request)
    with told_plainly():
        taxonomy = _taxonomy(request)
        is_off_topic = signed.form.one("verdict") == _OFF_TOPIC
        topics = () if is_off_topic else signed.form.chosen("topic")  # in the order of their places
        wrong = wrong_topics(topics, taxonomy)
        if not topics and not is_off_topic:
            wrong = "Choose a topic, or say that it is not about climate."
        if wrong:
            return _form(request, reference, taxonomy, 400, wrong)
        said = Labelling(reference=reference, topics=topics, taxonomy=taxonomy)
        found = label_story(room.engine, said, signed.hand, room.clock())
    room.shelf.clear()
    with room.view() as connection:
        uid = load_story(connection, found).uid
    return RedirectResponse(f"/story/{uid}#why", 303)


def _taxonomy(request: Request) -> Taxonomy:
    return read_topics(room_of(request).settings.topics_file)


def _form(request: Request, reference: str, taxonomy: Taxonomy, status: int = 200, wrong: str = "") -> Response:
    with room_of(request).view() as connection:
        story = load_story(connection, find_story(connection, reference))
        judgement = judgement_of(connection, story.id)
    labelled = [topic.id for topic in story.topics]
    return hand_page(
        request,
        "hand_label.html",
        status,
        story=story,
        words=snippet(story.text, "").text,
        judgement=judgement,
        topics=taxonomy.topics,
        places=[(name, labelled[at] if at < len(labelled) else "") for at, name in enumerate(_PLACES)],
        wrong=wrong,
    )
