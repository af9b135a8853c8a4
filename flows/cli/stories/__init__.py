"""The commands about stories: search, show, export, label, withdraw, import."""
