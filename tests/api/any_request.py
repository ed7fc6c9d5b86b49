"""Requests of every kind to every operation, over a real connection, from a thread of their own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol, cast

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from schemathesis import GenerationMode, Response
from schemathesis.core.result import Ok

# So many right ones, and as many that break a rule of the description, for each operation.
EXAMPLES = 8
_MODES = (GenerationMode.POSITIVE, GenerationMode.NEGATIVE)
_TIMEOUT_SECONDS = 20
SLOW_AND_STRICT = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


class Case(Protocol):
    """What is used of a generated request."""

    method: str

    def call(
        self, base_url: str, *, session: requests.Session, headers: dict[str, str], timeout: int, allow_redirects: bool
    ) -> Response:
        """Send it."""
        ...


class Named(Protocol):
    """A parameter, or the statuses of an operation."""

    name: str
    status_codes: Iterable[str]


class Operation(Protocol):
    """What is used of an operation of the description."""

    method: str
    path: str
    path_parameters: Iterable[Named]
    responses: Named

    def as_strategy(
        self, mode: GenerationMode, *, path_parameters: Mapping[str, str] | None = None
    ) -> SearchStrategy[Case]:
        """Requests that keep the description, or break it."""
        ...


@dataclass(frozen=True, slots=True)
class Asked:
    """One operation of one application."""

    url: str
    operation: Operation
    headers: Mapping[str, str]
    known: Mapping[str, str]
    """Names of path parameters, and what is really there by that name."""

    def try_everything(self) -> list[str]:
        """What was answered that should not be."""
        wrong: list[str] = []
        with requests.Session() as session:
            for mode in _MODES:
                try:
                    wrong += self._try(session, mode)
                except Unsatisfiable:
                    if mode is GenerationMode.POSITIVE:
                        raise  # whereas of what takes nothing there is no wrong form
        return wrong

    def _try(self, session: requests.Session, mode: GenerationMode) -> list[str]:
        wrong: list[str] = []
        names = [each.name for each in self.operation.path_parameters]
        there = {name: self.known[name] for name in names if name in self.known}
        anything = self.operation.as_strategy(mode)
        # A made-up id finds nothing: half of them are of something that is there.
        cases = anything | self.operation.as_strategy(mode, path_parameters=there) if there else anything

        @settings(
            max_examples=EXAMPLES, derandomize=True, database=None, deadline=None,
            phases=[Phase.explicit, Phase.generate], suppress_health_check=SLOW_AND_STRICT,
        )  # fmt: skip
        @given(case=cases)
        def ask(case: Case) -> None:
            wrong.extend(self._faults(session, case))

        ask()
        return wrong

    def _faults(self, session: requests.Session, case: Case) -> list[str]:
        answer = case.call(
            self.url, session=session, headers=dict(self.headers), timeout=_TIMEOUT_SECONDS, allow_redirects=False
        )
        told = f"{case.method} {answer.request.url} {answer.status_code}: {answer.content[:200]!r}"
        # A path whose parameter is empty or has a slash in it is another path, which may be nobody's.
        promised = {str(status) for status in self.operation.responses.status_codes} | {"404", "405"}
        if answer.status_code >= 500:
            return [f"failed: {told}"]
        return [] if str(answer.status_code) in promised else [f"never promised: {told}"]


def operations(document: Mapping[str, object]) -> dict[str, Operation]:
    """Each operation of a description by its method and path."""
    loaded = schemathesis.openapi.from_dict(dict(document))
    found = [cast("Operation", each.ok()) for each in loaded.get_all_operations() if isinstance(each, Ok)]  # pyright: ignore[reportUnknownMemberType,reportUnknownVariableType] # its type arguments are of no use here
    return {f"{each.method.upper()} {each.path}": each for each in found}
