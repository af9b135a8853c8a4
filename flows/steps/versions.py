"""The versions of the steps whose results are kept. They stand apart: who compares them need not load a parser."""

from typing import Final

from rensa import RMinHash

# Raised by every change that can read other entries from the same bytes: stored documents are then parsed again.
PARSER_VERSION: Final = 6
# Raise it when the same entry would come out with another text: stored sources are then cleaned again before comparing.
CLEANER_VERSION: Final = 5
# Raise it when the same page would come out with another text: stored pages are then read again before comparing.
EXTRACTOR_VERSION: Final = 6
# Raise the number when the marks of copies are made otherwise: all are then made anew.
COPY_RULES: Final = f"1, MinHash {RMinHash.ALGORITHM_VERSION}"
# Raise it when corrections are told otherwise: all of them are then read again.
CORRECTION_RULES: Final = "1"
