"""Read-your-writes for visitors, where a replica answers reads: a cookie holds how far it must have come.

A browser (or a program that keeps cookies) that wrote is told the position in the database's log, and brings it
back with its next request, to whichever process. Whoever shows no such cookie cannot be known to have written
nothing, and is answered by the primary. The cookie is not signed: a forged one makes pages of its owner's
staler or the replica less used for them, and nothing else. Without a replica nothing of this is installed.
"""

import re
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, g, request

from sublarr.bootstrap import House
from sublarr.db.following import Follower, following
from sublarr.vocabulary.errors import SublarrError

if TYPE_CHECKING:
    from sublarr.db.replica import ReadReplica

COOKIE = "sublarr_position"
# Longer than a replica may be behind, with room for clocks of machines that differ; a position that a failover
# took back is forgotten after it.
KEPT_SECONDS = 120
_MARK = re.compile(r"([0-9a-f]{1,16})\.([0-9]{1,12})", re.ASCII)
_SAFE_METHODS = frozenset({"GET", "HEAD"})

View = Callable[..., Any]


def mark(position: int, now: datetime) -> str:
    """The cookie of a visitor who must see all up to `position`."""
    return f"{position:x}.{int(now.timestamp())}"


def read_mark(cookie: str, now: datetime) -> int | None:
    """The position to be seen, 0 where that was long ago; None where nothing is known of the visitor."""
    found = _MARK.fullmatch(cookie)
    if found is None:
        return None
    is_lately = abs(now.timestamp() - int(found[2])) <= KEPT_SECONDS
    return int(found[1], 16) if is_lately else 0


def follow_visitors(app: Flask, house: House) -> None:
    """Have every view that `app` has by now show its visitor what they wrote, where there is a replica."""
    replica = house.database.replica
    if replica is None:
        return
    for endpoint, view in app.view_functions.items():
        if endpoint.rpartition(".")[2] != "static":
            app.view_functions[endpoint] = _followed(view, house)
    app.after_request(lambda response: _remember(response, house, replica))


def _followed(view: View, house: House) -> View:
    @wraps(view)
    def answer(**arguments: Any) -> Any:
        position = read_mark(request.cookies.get(COOKIE, ""), house.clock())
        follower = Follower(position or 0, shuns_replica=position is None)
        g.follower = follower
        with following(follower):
            try:
                answered = view(**arguments)
            except SublarrError:
                if not _is_to_be_repeated(follower):
                    raise
            else:
                if not _is_to_be_repeated(follower):
                    return answered
            # The replica broke off in the middle, which the primary can make good.
            follower.shuns_replica = True
            return view(**arguments)

    return answer


def _is_to_be_repeated(follower: Follower) -> bool:
    return follower.lost_replica and not follower.has_written and request.method in _SAFE_METHODS


def _remember(response: Response, house: House, replica: "ReadReplica") -> Response:
    follower: Follower | None = g.get("follower")
    if follower is None:
        return response
    if follower.has_written:
        value = mark(replica.position_of(follower), house.clock())
    elif read_mark(request.cookies.get(COOKIE, ""), house.clock()) is None:
        value = mark(0, house.clock())
    else:
        return response
    response.set_cookie(
        COOKIE,
        value,
        path=f"{request.script_root}/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
    return response
