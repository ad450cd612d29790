"""The only room that builds things and hands them to each other.

Doors open a `House` here and, where they run jobs, start `Workers`; nothing below this floor builds its own
neighbours, and nothing is a singleton.
"""

from sublarr.bootstrap.house import House, open_house
from sublarr.bootstrap.workers import Workers, start_workers

__all__ = ["House", "Workers", "open_house", "start_workers"]
