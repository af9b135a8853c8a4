"""The archive for assistants: tools that read, over the Model Context Protocol. Needs the extra [mcp]."""
