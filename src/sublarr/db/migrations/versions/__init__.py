"""The revisions, numbered in line."""
