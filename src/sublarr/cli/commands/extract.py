"""`sublarr extract`: embedded subtitles become files beside their media files."""

from collections.abc import Callable

import click

from sublarr.bootstrap import House
from sublarr.cli.output import note
from sublarr.cli.terminal import Terminal
from sublarr.db.repositories.wanted import WantedFilter
from sublarr.jobs.asking import extract_files, extract_wanted
from sublarr.vocabulary.subtitles import WantedStatus
