"""The process door: a process that stays until it is told to stop.

`run_worker` is what `sublarr worker` does; `StopSignals` is how every process that stays hears the end. What
is run is the queue's and the jobs' affair.
"""

from sublarr.worker.running import run_worker
from sublarr.worker.stopping import StopSignals

__all__ = ["StopSignals", "run_worker"]
