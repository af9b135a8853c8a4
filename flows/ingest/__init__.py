"""From a feed, a page or a document to stories: fetch, read, resolve, load."""
