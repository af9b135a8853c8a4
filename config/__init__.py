"""Where and how much: the feeds, the topics and the settings."""
