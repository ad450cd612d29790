"""A module run as a process of its own, whose memory is nobody else's."""

import json
import os
import subprocess
import sys
from typing import Any


def in_a_process(module: str, *words: str) -> Any:
    """What `python -m module words…` printed as JSON."""
    done = subprocess.run(
        [sys.executable, "-m", module, *words],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return json.loads(done.stdout)
