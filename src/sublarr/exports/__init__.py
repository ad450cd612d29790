"""Taking lists away whole: which there are (`offers`), and how their rows are written (`formats`).

Nothing here knows where the bytes go: the terminal writes a file, the web door sends them. Rows come from the
repositories' streams, one snapshot for a whole export, so memory stays flat however long a list is.
"""
