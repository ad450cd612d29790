"""One file per background job: the only room where domains meet.

A handler reads, closes its unit, does its file work, and writes in short units; it may be run again from the
start at any time. `asking` is where every door asks for work, `handlers` the list of what can be run.
"""
