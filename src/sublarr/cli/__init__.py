"""The terminal door: the command `sublarr`.

A command reads its words, does one thing through the rooms below, and prints the outcome: results to standard
output, progress and notes to standard error. Errors of the tree become an exit code here and nowhere else.
Each command is a file of `commands`, loaded only when it is asked for, so that `serve` pays for nothing it
does not use.
"""

from sublarr.cli.program import main

__all__ = ["main"]
