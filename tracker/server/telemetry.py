"""What the server counts of itself, for Prometheus: its own registry, so that two servers in one process
never mix. Labels are route patterns, never paths, so that nobody can blow up the number of series.
"""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Telemetry:
    """The counters of one server."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "runcite_http_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self._seconds = Histogram(
            "runcite_http_seconds",
            "Time to answer a request, in seconds.",
            ("method", "route"),
            buckets=(0.002, 0.005, 0.01, 0.03, 0.1, 0.3, 1, 3, 10),
            registry=self.registry,
        )
        self.events = Counter("runcite_events", "Events taken into the store.", registry=self.registry)
        self.batches = Counter(
            "runcite_batches", "Batches, by what the store said.", ("state",), registry=self.registry
        )
        self.blob_bytes = Counter("runcite_blob_bytes", "Bytes of blobs received.", registry=self.registry)
        self.faults = Counter("runcite_faults", "Requests that ended in a fault of ours.", registry=self.registry)
        Gauge("runcite_build", "Which version this is.", ("version",), registry=self.registry).labels(version).set(1)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answered request."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(method, route).observe(seconds)

    def page(self) -> bytes:
        """Everything counted, in Prometheus' text format."""
        return generate_latest(self.registry)
