"""The two stories of the issue get the topics that a person would give them, and say why."""

from config.topics import load_topics
from flows.steps.classify import Classifier
from flows.steps.clean import clean_entry
from flows.steps.documents import read_documents
from models.stages import Source


def test_the_users_two_stories(shared_path):
    """The report is science, then negotiations; the forum is buildings and industry or negotiations, by words in it."""
    (path,) = (shared_path / "seeds").glob("*.txt")
    entries = read_documents(path.read_bytes(), name=path.name)
    stories = [clean_entry(entry, language=None, source=Source.IMPORT) for entry in entries]
    classifier = Classifier(load_topics())
    labels = [classifier.classify(story.title, story.text) for story in stories]
    topics = [[topic.id for topic in one.topics] for one in labels]
    report, forum = (0, 1) if "science" in topics[0] else (1, 0)
    assert topics[report][:2] == ["science", "negotiations"]
    assert topics[forum][0] in {"industry-buildings", "negotiations"}
    assert all(one.is_relevant for one in labels)
    kinds = {one.kind for one in labels[forum].topics[0].evidence}
    assert {"term", "sentence"} <= kinds
