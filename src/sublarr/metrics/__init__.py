"""What Prometheus can read of this process: one registry, built by bootstrap and handed to who records.

Counters and histograms are attributes of `Metrics`, recorded where the thing happens. What is a state rather
than an event (rows, pools, disks) is read at the scrape, by readers the rooms above register.
"""

from sublarr.metrics.gauges import Reader, Reading
from sublarr.metrics.registry import Metrics

__all__ = ["Metrics", "Reader", "Reading"]
