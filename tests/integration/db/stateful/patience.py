"""How long the stateful tests look: seconds in every run, as long as one likes with SUBLARR_TEST_EXAMPLES."""

import os

from hypothesis import HealthCheck, settings

# So many times the examples of an ordinary run.
_FACTOR = int(os.environ.get("SUBLARR_TEST_EXAMPLES", "1"))


def looking(examples: int, steps: int) -> settings:
    """Settings for one machine: one database for the whole run, emptied at the beginning of each example."""
    return settings(
        max_examples=examples * _FACTOR,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
