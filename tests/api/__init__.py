"""Tests of the web door over a real house: its routes, its guard, its streams, its server."""
