"""The commands that keep an archive in order: backup, restore, prune, verify, doctor, health, db."""
