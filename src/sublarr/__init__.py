"""Sublarr keeps a media library subtitled."""

__version__ = "1.0.0.dev0"
