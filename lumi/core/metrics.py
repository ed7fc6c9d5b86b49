"""Every figure Lumi keeps about itself, declared in one place with the sentence that explains it.

Labels are closed sets (a route's template, a channel's kind, an outcome), never an id or a text: each
distinct value is a time series for ever.
"""

from collections.abc import Iterable

from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    Metric,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.registry import Collector

from lumi.core.figures import files, value

disable_created_metrics()
value.install()

# What this process counts; what is asked when somebody reads; what the operating system says of this process.
REGISTRY = CollectorRegistry(auto_describe=True)
_ASKED = CollectorRegistry(auto_describe=True)
_ALONE = CollectorRegistry(auto_describe=True)
ProcessCollector(registry=_ALONE)

_FAST_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_SLOW_SECONDS = (0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0)


def _counter(name: str, says: str, *labels: str) -> Counter:
    return Counter(f"lumi_{name}", says, labels, registry=REGISTRY)


def _gauge(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(f"lumi_{name}", says, labels, registry=REGISTRY, multiprocess_mode="livesum")


def _asked(name: str, says: str, *labels: str) -> Gauge:
    return Gauge(f"lumi_{name}", says, labels, registry=_ASKED)


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
COURTESIES = _counter(
    "courtesies", "Signs that a message was read or is being answered, by what became of them.", "channel", "outcome"
)
LANES_DUE = _asked("lanes_due", "Lanes that are due and that nobody has claimed.")
LANE_OLDEST_SECONDS = _asked("lane_oldest_seconds", "Seconds the oldest due lane has been waiting.")
JOBS = _counter("jobs", "Background jobs run, by how they ended.", "kind", "outcome")
DEAD_LETTERS = _counter("dead_letters", "Items set aside because nothing could be done with them.", "kind")
LETTERS_OPEN = _asked("dead_letters_open", "Items set aside that nobody has dealt with yet.", "kind")
CHANNEL_ALERTS = _asked("channel_alerts", "Accounts with an open alert, by what is wrong.", "channel", "kind")
CHANNEL_SILENCE_SECONDS = _asked(
    "channel_silence_seconds", "Seconds since the longest silent of the accounts that fell silent was heard.", "channel"
)
SOCKETS = _gauge("open_sockets", "WebSockets open, by what they serve.", "kind")
PROCESSES = _gauge("processes", "Processes that live, by what they do.", "process")
POOL_SIZE = _gauge("pool_connections", "Connections to the database that pools hold.", "process", "pool")
POOL_IN_USE = _gauge("pool_connections_in_use", "Connections of the pools that somebody uses.", "process", "pool")
CACHE_HITS = _counter("cache_hits", "Look-ups the cache answered.", "kind")
CACHE_MISSES = _counter("cache_misses", "Look-ups the cache could not answer.", "kind")
REDIS_HITS = _counter("redis_hits", "Look-ups Redis answered, where REDIS_METRICS is on.", "key_type")
REDIS_MISSES = _counter("redis_misses", "Look-ups Redis had no answer to, where REDIS_METRICS is on.", "key_type")
RATE_LIMITED = _counter("rate_limited", "Requests refused because there were too many.", "bucket")
NOTES_DROPPED = _counter(
    "realtime_dropped", "Realtime notes that were not passed on; the reader is told to resync.", "reason"
)


class _Together(Collector):
    """The figures of all processes that share a folder, as they were read."""

    def __init__(self, found: Iterable[Metric]) -> None:
        self._found = found

    def collect(self) -> Iterable[Metric]:
        return self._found


def render() -> tuple[bytes, str]:
    """All figures in Prometheus' text format, and its content type: of all processes here when they are shared."""
    return b"".join(generate_latest(each) for each in _registries()), CONTENT_TYPE_LATEST


def _registries() -> tuple[CollectorRegistry, ...]:
    folder = files.Shared.folder
    if folder is None:
        return REGISTRY, _ASKED, _ALONE
    try:
        found = files.together(folder)
    except OSError:  # removed or torn: better our own than none
        return REGISTRY, _ASKED
    shared = CollectorRegistry()
    shared.register(_Together(found))
    return shared, _ASKED
