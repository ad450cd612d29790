"""The web door: pages, the JSON API, the live stream, and the server that carries them.

Nothing here decides anything about subtitles: views read or write one unit of work, ask `sublarr.jobs` for
longer work, and turn rows into HTML or JSON. `bootstrap` hands over the house; nothing below knows of HTTP.
"""
