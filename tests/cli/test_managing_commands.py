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


def _etag(cli: CommandLine, place: str) -> str:
    return str(cli.records("stat", place)[0]["etag"])


@pytest.mark.parametrize(
    "words",
    [
        ("rm", "/a.txt"),
        ("mv", "/a.txt", "/c.txt"),
        ("mv", "/a.txt", "/keep/"),
        ("put", "new", "/a.txt"),
        ("put", "new", "/"),
    ],
)
def test_a_change_guarded_by_an_etag_is_made_to_that_version_alone(
    filled: CommandLine, words: tuple[str, ...]
) -> None:
    (filled.directory / "new").write_bytes(b"new")
    filled.drive.put_file("/new", b"x")
    place = "/new" if words[-1] == "/" else "/a.txt"
    stale = _etag(filled, place)
    filled.drive.put_file(place, b"by somebody else")
    before = filled.drive.tree()
    for more in ((), ("--dry-run",)):
        refused = filled.run(*words, "--if-match", stale, *more)
        assert refused.exit_code == 6, refused.output
        assert place in refused.stderr
        assert filled.drive.tree() == before
    filled.ok(*words, "--if-match", _etag(filled, place))
    assert filled.drive.tree() != before


@pytest.mark.parametrize(
    "words",
    [("rm", "/a.txt", "/b.txt"), ("rm", "/*.txt", "-y"), ("mv", "/*.txt", "/keep"), ("mv", "/a.txt", "/b.txt", "/keep"),
     ("put", "x", "y", "/"), ("put", "-r", "x", "/"), ("put", "x", "/", "--conflict", "rename"),
     ("put", "x", "/", "--skip-existing")],
)  # fmt: skip
def test_an_etag_is_one_items(filled: CommandLine, words: tuple[str, ...]) -> None:
    refused = filled.run(*words, "--if-match", '"x,1"')
    assert refused.exit_code == 2
    assert "--if-match" in refused.stderr
    assert len(filled.drive.tree()) == 5


def test_a_guarded_move_to_another_drive_and_a_guarded_upload_of_what_is_not_there(
    filled: CommandLine,
) -> None:
    bob = filled.emulator.tenant.add_user("bob", "Bob")
    there = f"onedrive://{bob.user_principal_name}/a.txt"
    stale = _etag(filled, "/a.txt")
    filled.drive.put_file("/a.txt", b"changed")
    assert filled.run("mv", "/a.txt", there, "--if-match", stale).exit_code == 6
    assert not bob.drive.tree()
    filled.ok("mv", "/a.txt", there, "--if-match", _etag(filled, "/a.txt"))
    assert set(bob.drive.tree()) == {"/a.txt"}
    (filled.directory / "new").write_bytes(b"new")
    (filled.directory / "large").write_bytes(b"l" * 6_000_000)
    for name in ("new", "large"):
        assert filled.run("put", name, "/gone.txt", "--if-match", stale).exit_code == 6
    assert "/gone.txt" not in filled.drive.tree()
