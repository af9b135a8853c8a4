"""A copy of the whole archive in a folder, and an archive made from one. docs/decisions/backup.md says why it is so."""
