"""Whatever a server calls its files, what is written stays one entry below the target directory."""

from __future__ import annotations

import os
from pathlib import Path, PureWindowsPath

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from driveql.drive.local_name import local_name, local_path

ANY = st.text(st.characters())


@given(ANY)
@example("..")
@example(".")
@example("")
@example("../../etc/passwd")
@example("a" * 300 + ".csv")
@example("日" * 100)
def test_a_name_is_one_entry_in_a_directory(name: str) -> None:
    safe = local_name(name, windows=False)
    assert safe not in {"", ".", ".."}
    assert "/" not in safe
    assert "\x00" not in safe
    assert len(os.fsencode(safe)) <= 255


@given(ANY)
@example("CON")
@example("aux.txt")
@example("file.txt::$DATA")
@example("C:\\x")
@example("ends with dots...")
def test_on_windows_it_is_no_device_stream_drive_or_path(name: str) -> None:
    safe = local_name(name, windows=True)
    assert not set(safe) & set('<>:"/\\|?*')
    assert not any(ord(character) < 32 for character in safe)
    assert safe[-1] not in ". "
    stem = safe.partition(".")[0].rstrip().upper()
    assert stem not in {
        "CON",
        "PRN",
        "AUX",
        "NUL",
        *(f"COM{n}" for n in range(10)),
        *(f"LPT{n}" for n in range(10)),
    }
    assert len(PureWindowsPath(safe).parts) == 1
    assert PureWindowsPath(safe).drive == ""


@pytest.mark.parametrize(
    "name",
    ["a.csv", "Q1 #2 100%.csv", "Übersicht & Plan.xlsx", "日本語.csv", ".hidden", "a..b", "it's (1)", "x;y"],
)
@pytest.mark.parametrize("windows", [False, True])
def test_ordinary_names_are_left_alone(name: str, windows: bool) -> None:
    assert local_name(name, windows=windows) == name


def test_long_names_keep_their_ending() -> None:
    assert local_name("x" * 300 + ".parquet").endswith(".parquet")


@given(st.lists(ANY), st.booleans())
def test_no_path_from_the_server_leaves_the_directory(names: list[str], windows: bool) -> None:
    directory = Path("/somewhere/target")
    path = local_path(directory, "/".join(names), windows=windows)
    assert Path(os.path.normpath(path)).is_relative_to(directory)
    assert ".." not in path.parts
