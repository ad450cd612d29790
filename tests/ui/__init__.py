"""Tests of the pages: through the application, and through a real browser."""
