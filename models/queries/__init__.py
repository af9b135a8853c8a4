"""The one door to read: a module a matter. Each function is handed a connection and changes nothing."""
