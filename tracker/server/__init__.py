"""The server: the HTTP API and the pages."""
