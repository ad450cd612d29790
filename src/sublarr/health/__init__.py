"""Is the house well? Checks with a state, since when, and what to do.

Each check is a function given by `bootstrap`; nothing here calls a remote host or knows a domain.
"""

from sublarr.health.checks import Check, Finding, Health, HealthStatus, Report

__all__ = ["Check", "Finding", "Health", "HealthStatus", "Report"]
