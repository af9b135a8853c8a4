"""How models write and read rows: prepared statements, lists as one parameter."""
