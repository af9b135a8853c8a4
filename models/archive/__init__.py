"""The one door to write: a module a matter. Each function is handed the writer's connection."""
