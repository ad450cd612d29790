"""Subtitle files: what their names say, how they are made of a container's tracks, and how they get onto the disk.

`naming` reads and makes the names of files beside a video, `detection` tells forced and hard-of-hearing tracks,
`rules` picks what is worth extracting, `composing` makes a file's text and `files` writes it without ever harming
one that is there. Nothing here opens a media file or a database: tracks come from the library, rows are the callers'.
"""
