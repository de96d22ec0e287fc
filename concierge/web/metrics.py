"""What Prometheus is told at ``/metrics``. A registry an app, so that several may live in one process."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

REPLY_BUCKETS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)


class Metrics:
    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Histogram(
            "concierge_http_seconds", "HTTP requests", ("method", "route", "status"),
            registry=self.registry, buckets=REPLY_BUCKETS_S,
        )  # fmt: skip
        self.sockets = Gauge("concierge_sockets", "Live sync connections", registry=self.registry)
        self.slow_clients = Counter("concierge_slow_clients", "Connections cut for being slow", registry=self.registry)
        self.calls = Gauge("concierge_calls", "Calls in progress", registry=self.registry)
        self.calls_started = Counter("concierge_calls_started", "Calls answered", registry=self.registry)
        self.logins = Counter("concierge_logins", "Log-ins", ("kind", "outcome"), registry=self.registry)
        self.log_position = Gauge("concierge_log_position", "Sequence of the last entry fanned out", registry=self.registry)

    def page(self) -> bytes:
        return generate_latest(self.registry)
