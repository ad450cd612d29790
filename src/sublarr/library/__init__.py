"""The library: which media files there are, what their names say, and what changed.

It walks watched folders, reads names and watches for changes. It stores nothing and starts no job: what
it finds is handed to its callers as frozen values, and every path in and out of it is path text
(`sublarr.vocabulary.paths`). What is inside a file is told by its neighbour `reading`.
"""
