"""Every figure Lumi keeps about itself, declared in one place with the sentence that explains it.

Labels are closed sets (a route's template, a channel's kind, an outcome), never an id or a text: each
distinct value is a time series for ever.
"""

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

disable_created_metrics()

REGISTRY = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=REGISTRY)

_FAST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(f"lumi_{name}", says, labels, registry=REGISTRY)


def _gauge(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(f"lumi_{name}", says, labels, registry=REGISTRY)


def _histogram(name: str, says: str, *labels: str, buckets: tuple[float, ...]) -> Histogram:
    return Histogram(f"lumi_{name}", says, labels, buckets=buckets, registry=REGISTRY)


HTTP_REQUESTS = _counter("http_requests", "HTTP requests answered.", "method", "route", "status")
HTTP_SECONDS = _histogram(
    "http_request_seconds",
    "Seconds from the first byte of a request to the last byte of its answer.",
    *("method", "route", "status"),
    buckets=_FAST_SECONDS,
)
OUTSIDE_CALLS = _counter("outside_calls", "Calls to outside systems, by how they ended.", "target", "outcome")
OUTSIDE_SECONDS = _histogram(
    "outside_call_seconds", "Seconds one call to an outside system took.", "target", buckets=_SLOW_SECONDS
)
WEBHOOKS = _counter("webhooks", "Webhooks received, by what became of them.", "channel", "outcome")
IGNORED = _counter(
    "inbound_ignored", "Authentic inbound items whose kind, field or value is unknown.", "channel", "kind"
)
TURNS = _counter("turns", "Turns of a conversation, by how they ended.", "outcome")
TURN_SECONDS = _histogram("turn_seconds", "Seconds from claiming a lane to finishing it.", buckets=_SLOW_SECONDS)
REPLY_SECONDS = _histogram(
    "reply_seconds",
    "Seconds from recording an inbound message to the provider accepting its reply.",
    "channel",
    buckets=_SLOW_SECONDS,
)
DELIVERIES = _counter("deliveries", "Deliveries that reached a state.", "channel", "state")
LANES_DUE = _gauge("lanes_due", "Lanes that are due and that nobody has claimed.")
LANE_OLDEST_SECONDS = _gauge("lane_oldest_seconds", "Seconds the oldest due lane has been waiting.")
JOBS = _counter("jobs", "Background jobs run, by how they ended.", "kind", "outcome")
DEAD_LETTERS = _counter("dead_letters", "Items set aside because nothing could be done with them.", "kind")
SOCKETS = _gauge("open_sockets", "WebSockets open in this process.", "kind")
CACHE_HITS = _counter("cache_hits", "Look-ups the cache answered.", "kind")
CACHE_MISSES = _counter("cache_misses", "Look-ups the cache could not answer.", "kind")
RATE_LIMITED = _counter("rate_limited", "Requests refused because there were too many.", "bucket")
NOTES_DROPPED = _counter(
    "realtime_dropped", "Realtime notes that were not passed on; the reader is told to resync.", "reason"
)


def render() -> tuple[bytes, str]:
    """All figures of this process in Prometheus' text format, and its content type."""
    return generate_latest(REGISTRY), CONTENT_TYPE_LATEST
