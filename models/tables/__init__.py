"""The tables of the archive, for SQLite and PostgreSQL alike. docs/columns.md explains every column.

Each is imported from its own module: a command makes those alone that it reads, and all of them are a twentieth of a
small one. Who makes, compares or copies tables finds all of them in models.tables.schema.

`stories.version_id` and `classification_id` have no foreign key, which would close a circle that SQLite's ALTER cannot
make: `queries.dangling_pointers` checks them. Indexes with an option of one database stand in models.tables.indexes.
"""
