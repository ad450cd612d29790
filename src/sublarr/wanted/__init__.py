"""Which subtitles a file should have and has not: pure rules over a profile and what the file has.

It neither reads files nor stores rows; jobs bring the facts and the repository brings the rows in line.
"""
