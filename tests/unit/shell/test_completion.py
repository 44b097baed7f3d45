"""What the shell offers to complete, for a text and a cursor (`|`)."""

from __future__ import annotations

import pytest

from driveql.cli.shell.completion import Names, Suggestion, WantedPath, complete, suggestions

NAMES = Names(
    tables={
        "items": ("id", "name", "path", "size"),
        "users": ("id", "display_name", "mail"),
        "user_files": ("Odd Name", "total"),
    },
    functions=("lower", "length", "read_csv", "read_xlsx"),
    procedures={"copy_item": ("path", "to_path"), "create_folder": ("path",)},
    connections=("work", "home"),
)


def offered(text: str, *, asked_for: bool = True) -> list[str]:
    before, _, after = text.partition("|")
    found = complete(before, after, NAMES, asked_for=asked_for)
    assert isinstance(found, list), found
    assert all(before.lower().endswith(before[len(before) - one.length :].lower()) for one in found)
    return [one.text for one in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM us|", ["users", "user_files"]),
        ("SELECT * FROM items JOIN us|", ["users", "user_files"]),
        ("SELECT * FROM read_c|", ["read_csv"]),
        ("DESCRIBE it|", ["items"]),
        ("INSERT INTO it|", ["items"]),
        ("SELECT u.| FROM users AS u", ["id", "display_name", "mail"]),
        ("SELECT u.di| FROM items i JOIN users u ON true", ["display_name"]),
        ("SELECT users.m| FROM users", ["mail"]),
        ("SELECT x.| FROM users u", []),
        ('SELECT f.| FROM "user_files" f', ['"Odd Name"', "total"]),
        ("SELECT na| FROM items", ["name", "natural"]),
        ("SELECT disp| FROM items", []),
        ("SELECT disp| FROM items, users", ["display_name"]),
        ("SELECT disp|", ["display_name"]),
        ("SELECT 1; SELECT mai| FROM users; SELECT size FROM items", ["mail"]),
        ("SELECT * FROM users; SELECT siz| FROM items", ["size"]),
        ("SELECT * FROM users WHERE |", None),
        ("CALL c|", ["copy_item", "create_folder"]),
        ("CALL copy_item(|", ["path => ", "to_path => "]),
        ("CALL copy_item(path => 'a', to|", ["to_path => "]),
        ("SEL|", ["SELECT"]),
        ("sel|", ["select"]),
        ("SELECT len|", ["length"]),
        ("SELECT 'it|", []),
        ("SELECT -- it|", []),
        ("SELECT /* it|", []),
        ('SELECT "disp|', ['display_name"']),
        ("\\d|", ["\\d", "\\df", "\\dp"]),
        ("\\d us|", ["users", "user_files"]),
        ("\\dp c|", ["copy_item", "create_folder"]),
        ("\\c w|", ["work"]),
        ("\\format j|", ["json", "jsonl"]),
        ("\\x a|", ["auto"]),
        ("\\explain SELECT * FROM it|", ["items"]),
        ("\\nothing x|", []),
    ],
)
def test_what_is_offered(text: str, expected: list[str] | None) -> None:
    found = offered(text)
    if expected is None:
        assert found[:3] == ["display_name", "id", "mail"]
    else:
        assert found == expected


@pytest.mark.parametrize("text", ["SELECT |", "SELECT * FROM |", "|", "SELECT name |"])
def test_nothing_pops_up_for_an_empty_word_unasked(text: str) -> None:
    assert offered(text, asked_for=False) == []


@pytest.mark.parametrize(
    ("text", "folder", "beginning", "folders_only"),
    [
        ("SELECT * FROM read_csv('onedrive:/Rep", "onedrive:/", "Rep", False),
        ("SELECT * FROM read_csv(['onedrive:/a.csv', 'OneDrive:/R/20", "OneDrive:/R/", "20", False),
        ("FROM read_csv('onedrive:///Rep", "onedrive:///", "Rep", False),
        ("FROM read_csv('onedrive://alice@contoso.com/R/", "onedrive://alice@contoso.com/R/", "", False),
        ("SELECT * FROM files WHERE path = '/Rep", "/", "Rep", False),
        ("SELECT * FROM files f WHERE f.path = '/R/20", "/R/", "20", False),
        ("SELECT * FROM files WHERE path IN ('/a', '/R/b", "/R/", "b", False),
        ("SELECT * FROM files WHERE path LIKE '/R/", "/R/", "", False),
        ("SELECT * FROM files WHERE path NOT LIKE '/R/", "/R/", "", False),
        ("SELECT * FROM files WHERE parent_path = '/R/s", "/R/", "s", True),
        ("CALL copy_item(path => '/R/a", "/R/", "a", False),
        ("CALL copy_item(to_path = '/R/a", "/R/", "a", False),
        ("SELECT * FROM files WHERE path = '/O''B", "/", "O'B", False),
    ],
)
def test_a_path_is_completed_in_its_folder(
    text: str, folder: str, beginning: str, folders_only: bool
) -> None:
    found = complete(text, "", NAMES)
    assert isinstance(found, WantedPath)
    assert (found.folder, found.beginning, found.folders_only) == (folder, beginning, folders_only)
    assert text.endswith(text[len(text) - found.length :])
    assert text[len(text) - found.length :].replace("''", "'") == beginning


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * FROM files WHERE name = '/Rep",
        "SELECT * FROM files WHERE path || '/Rep",
        "SELECT '/Rep",
        "CALL upload_file(local_path => '/etc/",
        "FROM read_csv('onedrive:/R/*/a",
        "FROM read_csv('onedrive://alice@contoso.com",
        "FROM read_csv('/etc/pass",
        "FROM read_csv('onedrive:",
        "SELECT $$/Rep",
    ],
)
def test_other_texts_are_left_alone(text: str) -> None:
    assert complete(text, "", NAMES, asked_for=True) == []


def test_names_of_a_folder_become_suggestions() -> None:
    def names(folder: str) -> list[tuple[str, bool]]:
        assert folder == "/R/"
        return [("O'Brien", True), ("old.csv", False), ("new.csv", False)]

    before = "SELECT * FROM files WHERE path = '/R/o"
    assert suggestions(before, "", NAMES, names) == [
        Suggestion("O''Brien/", 1, "folder"),
        Suggestion("old.csv", 1, "file"),
    ]
    before = "SELECT * FROM files WHERE parent_path = '/R/o"
    assert suggestions(before, "", NAMES, names) == [Suggestion("O''Brien", 1, "folder")]
