"""mkdir, mv and rm change what was named and nothing else, and ask before they take much away."""

from __future__ import annotations

import pytest
from tests.cli.conftest import CommandLine


def test_mkdir_makes_one_folder_and_with_p_those_above(cli: CommandLine) -> None:
    assert cli.run("mkdir", "onedrive:/a/b").exit_code == 4
    cli.ok("mkdir", "onedrive:/a")
    assert cli.run("mkdir", "onedrive:/a").exit_code == 6
    cli.ok("mkdir", "-p", "onedrive:/a", "onedrive:/x/y/z")
    assert cli.ok("ls", "-R", "--sort", "name").splitlines() == ["a/", "x/", "x/y/", "x/y/z/"]


def test_mv_renames_and_moves(cli: CommandLine) -> None:
    cli.drive.put_file("/a.txt", b"a")
    cli.drive.create_folder("/f")
    cli.ok("mv", "onedrive:/a.txt", "onedrive:/b.txt")
    cli.ok("mv", "/b.txt", "onedrive:/f")
    assert set(cli.drive.tree()) == {"/f/b.txt"}
    cli.ok("mv", "/f/b.txt", "/f/B.txt")
    assert set(cli.drive.tree()) == {"/f/B.txt"}
    cli.drive.put_file("/c.txt", b"c")
    assert cli.run("mv", "/c.txt", "/f/b.txt").exit_code == 6
    assert cli.run("mv", "/c.txt", "/nowhere/").exit_code == 4
    assert set(cli.drive.tree()) == {"/f/B.txt", "/c.txt"}


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    for path in ("/a.txt", "/b.txt", "/keep/1", "/keep/2", "/go/3"):
        cli.drive.put_file(path, b"x")
    return cli


def test_rm_takes_a_file_at_once_and_folders_and_patterns_only_after_a_yes(filled: CommandLine) -> None:
    filled.ok("rm", "onedrive:/a.txt")
    for words in (("/go",), ("-r", "/go"), ("/*.txt",)):
        assert filled.run("rm", *words).exit_code == 2
    assert set(filled.drive.tree()) == {"/b.txt", "/keep/1", "/keep/2", "/go/3"}
    filled.ok("rm", "-r", "--yes", "/go", "/**/3")
    filled.ok("rm", "--yes", "/*.txt")
    assert set(filled.drive.tree()) == {"/keep/1", "/keep/2"}


def test_rm_deletes_nothing_when_one_of_several_is_not_there(filled: CommandLine) -> None:
    assert filled.run("rm", "/a.txt", "/nothing").exit_code == 4
    assert "/a.txt" in filled.drive.tree()


def test_the_root_is_never_deleted(filled: CommandLine) -> None:
    assert filled.run("rm", "-r", "--yes", "onedrive:/").exit_code == 2
    assert len(filled.drive.tree()) == 5
