"""RSS, RDF, Atom and CDF: the document as text and as a tree, and what feedparser makes of it."""
