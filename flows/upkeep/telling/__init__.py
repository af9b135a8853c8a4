"""Tell people: who wants to know of a night, what needs a person, alerts, the report, the brief, saved searches."""
