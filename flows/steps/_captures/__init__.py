"""From the records of a web archive to whole pages."""
