"""The HTTP server: waitress with a loop of our own, so that it stops gracefully (docs/decisions/0001)."""
