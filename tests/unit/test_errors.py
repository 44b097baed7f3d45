"""The tree: drawn as it is, picklable, and every leaf says what it is told."""

from __future__ import annotations

import pickle
import re

import pytest

from driveql import errors
from driveql.errors import ApiError, DriveqlError, ParameterError


def _all(kind: type[DriveqlError]) -> list[type[DriveqlError]]:
    return [kind, *(leaf for below in kind.__subclasses__() for leaf in _all(below))]


def test_the_drawing_at_the_top_is_the_tree() -> None:
    drawn: list[tuple[int, str]] = []
    for line in (errors.__doc__ or "").splitlines():
        match = re.match(r"^    ([│├└─ ]*)(\w+Error)\b", line)
        if match:
            drawn.append((len(match.group(1)) // 4, match.group(2)))
    parents: dict[str, str] = {}
    above: list[str] = []
    for level, name in drawn:
        above[level:] = [name]
        if level:
            parents[name] = above[level - 1]
    real = {
        kind.__name__: kind.__bases__[0].__name__
        for kind in _all(DriveqlError)
        if getattr(errors, kind.__name__, None) is kind
    }
    real.pop("DriveqlError")
    assert parents == real


def _make(kind: type[DriveqlError]) -> DriveqlError:
    if issubclass(kind, ApiError):
        return kind(
            "what happened", status=418, code="teapot", hint="what to do", request_id="r-1", attempts=3
        )
    if issubclass(kind, ParameterError):
        return kind("what happened", parameter="ClientId", hint="what to do")
    return kind("what happened", code="teapot", hint="what to do", request_id="r-1")


@pytest.mark.parametrize(
    "kind", [kind for kind in _all(DriveqlError) if getattr(errors, kind.__name__, None) is kind]
)
def test_every_leaf_tells_all_and_survives_pickling(kind: type[DriveqlError]) -> None:
    error = _make(kind)
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is kind
    assert str(again) == str(error)
    assert vars(again) == vars(error)
    assert "what happened" in str(error)
    assert str(error).endswith("what to do")
