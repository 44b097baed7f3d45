"""Every error has one exit code and one way to be told, on standard error, without a traceback."""

from __future__ import annotations

import inspect
import json

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from driveql import errors
from driveql.cli import outcome
from driveql.cli.outcome import EXIT_CODES, ExitCode
from driveql.errors import ApiError, DriveqlError, ParameterError


def _tree(kind: type[DriveqlError] = DriveqlError) -> list[type[DriveqlError]]:
    found = [kind]
    for below in kind.__subclasses__():
        # PEP 249's classes are derived from these, and are named like them.
        if getattr(errors, below.__name__, None) is below:
            found += _tree(below)
    return found


def _made(kind: type[DriveqlError]) -> DriveqlError:
    if issubclass(kind, ApiError):
        return kind("It failed.", status=400, code="someCode", request_id="r-1", hint="Do this.\nOr that.")
    if issubclass(kind, ParameterError):
        return kind("It failed.", parameter="ClientId", hint="Do this.\nOr that.")
    return kind("It failed.", code="someCode", request_id="r-1", hint="Do this.\nOr that.")


LEAVES = [kind for kind in _tree() if not any(below in _tree() for below in kind.__subclasses__())]


def test_the_walk_sees_the_whole_tree() -> None:
    declared = {
        kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, DriveqlError)
    }
    assert declared == set(_tree())
    assert len(LEAVES) > 30


@pytest.mark.parametrize("kind", LEAVES)
def test_every_leaf_has_its_own_place_in_the_table(kind: type[DriveqlError]) -> None:
    assert kind in EXIT_CODES
    assert EXIT_CODES[kind] not in {ExitCode.OK, ExitCode.UNEXPECTED, ExitCode.INTERRUPTED}
    assert outcome.exit_code(_made(kind)) == EXIT_CODES[kind]


def test_every_class_of_the_tree_is_in_the_table_and_no_other() -> None:
    assert set(EXIT_CODES) == set(_tree())


@pytest.mark.parametrize("kind", LEAVES)
def test_every_leaf_is_told_with_what_happened_and_what_to_do(
    kind: type[DriveqlError], capsys: pytest.CaptureFixture[str]
) -> None:
    error = _made(kind)
    code = outcome.report(error, ["ls"])
    shown = capsys.readouterr()
    assert shown.out == ""
    assert "driveql: It failed." in shown.err
    assert "  hint: Do this.\n  hint: Or that.\n" in shown.err
    assert "Traceback" not in shown.err
    if error.code:
        assert "  code someCode, request id r-1\n" in shown.err
    assert outcome.report(error, ["ls", "--json"]) == code
    told = json.loads(capsys.readouterr().err)["error"]
    assert (told["type"], told["exit_code"], told["hint"]) == (kind.__name__, code, error.hint)


def test_an_error_of_a_class_derived_elsewhere_has_the_code_of_the_nearest() -> None:
    class Special(errors.LockedError):
        pass

    error = Special("It is locked.", status=423)
    assert outcome.exit_code(error) == ExitCode.CONFLICT
    assert outcome.described(error)["type"] == "LockedError"


def test_an_unexpected_error_says_it_is_a_bug_and_traces_only_when_asked(
    capsys: pytest.CaptureFixture[str],
) -> None:
    secret = "eyJhbGciOiJub25lIn0.eyJhIjoxfQ.c2ln"
    with pytest.raises(ZeroDivisionError) as caught:
        raise ZeroDivisionError(f"with {secret}")
    assert outcome.report(caught.value, ["ls"]) == 1
    short = capsys.readouterr().err
    assert outcome.report(caught.value, ["ls", "-v"]) == 1
    long = capsys.readouterr().err
    assert "bug in driveql" in short
    assert "Traceback" not in short
    assert "Traceback" in long
    assert secret not in short + long


def test_a_word_behind_two_dashes_is_no_option(capsys: pytest.CaptureFixture[str]) -> None:
    outcome.report(errors.IntegrityError("It failed."), ["cat", "--", "--json"])
    assert capsys.readouterr().err.startswith("driveql: ")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (click.UsageError("no"), 2),
        (click.Abort(), 130),
        (KeyboardInterrupt(), 130),
        (outcome.InterruptedRun("left"), 130),
        (outcome.PartialFailureError("some"), 10),
    ],
)
def test_other_ends_have_their_codes(error: BaseException, code: int) -> None:
    assert outcome.exit_code(error) == code


def test_codes_are_distinct_and_explained() -> None:
    assert len({int(code) for code in ExitCode}) == len(ExitCode)
    assert all(code.meaning for code in ExitCode)


@given(st.text())
def test_nothing_in_a_message_reaches_the_terminal_as_a_control_character(text: str) -> None:
    for line in outcome.lines(errors.NotFoundError(text, status=404, hint=text)):
        assert not any(ord(character) < 32 or 127 <= ord(character) < 160 for character in line)
