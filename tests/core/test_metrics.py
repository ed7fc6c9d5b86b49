"""Figures: declared with a sentence, named alike, rendered as Prometheus reads them."""

import re
from collections.abc import Generator
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from lumi.core import metrics
from lumi.core.figures import files


@pytest.fixture(autouse=True)
def of_this_test(tmp_path: Path) -> Generator[None]:
    """Figures shared with nobody: an application of other tests may run in this process."""
    with files.shared(tmp_path):
        yield


def families() -> dict[str, str]:
    body, _ = metrics.render()
    return {family.name: family.documentation for family in text_string_to_metric_families(body.decode())}


def test_every_figure_of_ours_has_a_sentence_and_our_prefix() -> None:
    metrics.LANES_DUE.set(3)
    metrics.JOBS.labels("knowledge.IndexDocument", "done").inc()
    ours = {name: says for name, says in families().items() if not name.startswith("process_")}
    assert {"lumi_lanes_due", "lumi_jobs"} <= set(ours)
    for name, says in ours.items():
        assert re.fullmatch(r"lumi_[a-z_]+", name), name
        assert re.fullmatch(r"[A-Z][^.]+\.", says), (name, says)


def test_what_was_counted_is_rendered() -> None:
    metrics.OUTSIDE_CALLS.labels("test-target", "ok").inc(2)
    metrics.OUTSIDE_SECONDS.labels("test-target").observe(0.3)
    body, content_type = metrics.render()
    assert content_type.startswith("text/plain")
    text = body.decode()
    assert 'lumi_outside_calls_total{outcome="ok",target="test-target"} 2.0' in text
    assert 'lumi_outside_call_seconds_bucket{le="0.25",target="test-target"} 0.0' in text
    assert 'lumi_outside_call_seconds_bucket{le="0.5",target="test-target"} 1.0' in text


def test_no_figure_is_doubled_by_the_time_it_was_made() -> None:
    metrics.RATE_LIMITED.labels("widget").inc()
    assert not [name for name in families() if name.endswith("_created")]
