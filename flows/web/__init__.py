"""The archive in a browser: pages and an API that read, and nothing that writes unless a token allows it."""
