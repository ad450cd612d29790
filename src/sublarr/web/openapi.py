"""The JSON API's routes, and its OpenAPI document: the only module that knows flask-openapi.

A room of the API declares plain functions `view(house, path=…, query=…, body=…)` with typed models; here they
become operations of one blueprint. The schemas of all models take longer to work out than the rest of the
program takes to start, so the document is made when somebody first asks for it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from threading import Lock
from typing import Any, TypeVar, get_type_hints

from flask import Flask, Response
from flask.typing import ResponseReturnValue
from flask_openapi.blueprint import APIBlueprint
from flask_openapi.models.info import Info
from flask_openapi.models.security_scheme import SecurityScheme
from flask_openapi.models.tag import Tag
from flask_openapi.openapi import OpenAPI
from flask_openapi.request import validate_request
from pydantic import BaseModel, ValidationError

from sublarr.bootstrap import House
from sublarr.vocabulary.errors import FieldProblem, InvalidInput
from sublarr.web.errors import Problem, problem_example

PREFIX = "/api/v1"
DOCUMENT_PATH = f"{PREFIX}/openapi.json"
_PARTS = ("path", "query", "header", "body")
_KEY_SCHEME = "key"

View = TypeVar("View", bound=Callable[..., Any])

# What every operation may answer, whatever it does.
_ANY_PROBLEM = (400, 401, 403, 413, 422, 429, 500, 503)
