"""What `sublarr worker` does: job threads, schedules and the folder watch, until a signal."""

import logging

from sublarr.bootstrap import House, start_workers
from sublarr.worker.stopping import StopSignals

_log = logging.getLogger(__name__)


def run_worker(house: House, threads: int) -> None:
    """Run jobs until SIGTERM or SIGINT; what runs then is handed back to the queue. For the main thread."""
    with StopSignals() as signals:
        workers = start_workers(house, kind="worker", threads=threads, watches=True)
        _log.info("worker of Sublarr %s runs %d jobs at a time", house.version, threads)
        signals.wait()
        _log.info("stopping: running jobs go back to the queue")
        if not workers.stop():
            _log.warning("a job did not stop in time; another worker takes it over")
