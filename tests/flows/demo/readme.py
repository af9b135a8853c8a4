"""What the demo's README promises: its two tables as data."""

from importlib.resources import files

from flows.demo.content import load_content

README = (files("flows.demo") / "README.md").read_text("utf-8")
_ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in README.splitlines() if line.startswith("|")]
# feed -> format, language, entries on night 1, entries on night 2
FEEDS = {row[0]: (row[1], row[2], int(row[3]), int(row[4])) for row in _ROWS if len(row) == 6 and row[3].isdigit()}
# what is counted -> its figure on nights 1, 2 and 3
TOTALS = {row[0]: row[1:] for row in _ROWS if len(row) == 4}
LIVE = [feed for feed, row in FEEDS.items() if row[2]]

CONTENT = load_content()
OUTLETS = {outlet.id: outlet for outlet in CONTENT.outlets}
ARTICLE_PATHS = [outlet.path_of(story) for outlet in CONTENT.outlets for story in outlet.stories]
