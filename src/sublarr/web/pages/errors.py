"""The page a person sees instead, when what they asked for is not there or cannot be shown."""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
import logging

from flask import Response

from sublarr.vocabulary.errors import SublarrError, Unavailable
from sublarr.web.pages.frame import Frame, in_words
