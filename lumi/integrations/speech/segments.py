"""Reads what recognisers of Whisper's family tell about a stretch of text; they agree on the names."""

from lumi.core.outside_json import as_list, as_object, as_text
from lumi.integrations.speech.transcriber import Segment


def segments_in(answer: dict[str, object]) -> list[Segment]:
    """The segments of an answer; none when it holds none. What is told in another form counts as not told."""
    return [_segment(as_object(each)) for each in as_list(answer.get("segments"))]


def _segment(item: dict[str, object]) -> Segment:
    start, end = _number(item.get("start")) or 0.0, _number(item.get("end")) or 0.0
    return Segment(
        text=as_text(item.get("text")) or "",
        seconds=end - start,
        avg_logprob=_number(item.get("avg_logprob")),
        no_speech_prob=_number(item.get("no_speech_prob")),
        compression_ratio=_number(item.get("compression_ratio")),
    )


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
