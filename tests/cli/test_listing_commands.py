"""ls, stat and cat show what is in the drive: complete, in the promised form, and nothing that could drive a terminal."""

from __future__ import annotations

import json

import pytest
from tests.cli.conftest import CommandLine

FILES = {
    "/Reports/2026/Q1 #2 100%.csv": b"name,amount\nanna,1\n",
    "/Reports/2026/b.csv": b"x" * 5000,
    "/Reports/readme.txt": b"hello",
    "/Übersicht & Plan.txt": b"plan",
}


@pytest.fixture
def filled(cli: CommandLine) -> CommandLine:
    for path, content in FILES.items():
        cli.drive.put_file(path, content)
    return cli


def test_ls_lists_the_root_sorted_with_slashes_behind_folders(filled: CommandLine) -> None:
    assert filled.ok("ls").splitlines() == ["Reports/", "Übersicht & Plan.txt"]


def test_ls_of_a_file_names_it(filled: CommandLine) -> None:
    assert filled.ok("ls", "onedrive:/Reports/readme.txt").splitlines() == ["readme.txt"]


def test_ls_recursive_names_everything_below(filled: CommandLine) -> None:
    listed = filled.ok("ls", "-R", "onedrive:/Reports", "--sort", "name").splitlines()
    assert listed == ["2026/", "2026/b.csv", "2026/Q1 #2 100%.csv", "readme.txt"]
    assert set(filled.ok("ls", "-R", "onedrive:/Reports").splitlines()) == set(listed)


def test_ls_long_gives_bytes_and_utc_in_a_pipe(filled: CommandLine) -> None:
    line = filled.ok("ls", "-l", "onedrive:/Reports/2026", "--sort", "size").splitlines()[0]
    size, modified, _by, name = line.split("\t")
    assert (size, name) == ("5000", "b.csv")
    assert modified.endswith("Z")


def test_ls_takes_patterns(filled: CommandLine) -> None:
    listed = filled.ok("ls", "onedrive:/Rep*/**/*.CSV").splitlines()
    assert listed == ["Reports/2026/b.csv", "Reports/2026/Q1 #2 100%.csv"]
    nothing = filled.run("ls", "onedrive:/*.parquet")
    assert nothing.exit_code == 4
    assert "*.parquet" in nothing.stderr


def test_ls_json_is_a_record_a_line_without_secrets(filled: CommandLine) -> None:
    records = {record["path"]: record for record in filled.records("ls", "-R")}
    assert set(FILES) <= set(records)
    one = records["/Reports/2026/b.csv"]
    assert (one["type"], one["size"], one["name"]) == ("file", 5000, "b.csv")
    assert one["quick_xor_hash"]
    assert records["/Reports"]["type"] == "folder"
    assert "tempauth" not in json.dumps(list(records.values()))


def test_more_items_than_a_page_are_all_listed(cli: CommandLine) -> None:
    for number in range(1203):
        cli.drive.put_file(f"/many/file-{number:04}.txt", b"")
    assert cli.ok("ls", "onedrive:/many").splitlines() == [f"file-{number:04}.txt" for number in range(1203)]


def test_ls_asks_for_no_more_than_it_needs(filled: CommandLine) -> None:
    filled.ok("ls", "onedrive:/Reports")
    # The owner's default drive, the folder, its children.
    graph = [record for record in filled.emulator.requests if "/v1.0/" in record.target]
    assert len(graph) == 3, [record.target for record in graph]


def test_stat_shows_the_hash_and_no_address_with_a_secret(filled: CommandLine) -> None:
    text = filled.ok("stat", "onedrive:/Reports/readme.txt")
    fields = dict(line.split("\t") for line in text.splitlines())
    assert fields["size"] == "5"
    assert fields["path"] == "/Reports/readme.txt"
    assert "tempauth" not in text
    assert [record["name"] for record in filled.records("stat", "onedrive:/Reports/*")] == [
        "2026",
        "readme.txt",
    ]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), b"0123456789"),
        (("--offset", "3"), b"3456789"),
        (("--offset", "-3"), b"789"),
        (("--offset", "-30"), b"0123456789"),
        (("--offset", "2", "--count", "4"), b"2345"),
        (("--count", "0"), b""),
        (("--offset", "10"), b""),
        (("--count", "99"), b"0123456789"),
    ],
)
def test_cat_writes_the_bytes_asked_for(cli: CommandLine, options: tuple[str, ...], expected: bytes) -> None:
    cli.drive.put_file("/a.bin", b"0123456789")
    result = cli.run("cat", "onedrive:/a.bin", *options)
    assert (result.exit_code, result.stdout_bytes) == (0, expected)


def test_cat_writes_several_files_in_order_and_every_byte_value(cli: CommandLine) -> None:
    everything = bytes(range(256)) * 300
    cli.drive.put_file("/1.bin", everything)
    cli.drive.put_file("/2.bin", b"end")
    assert cli.run("cat", "/1.bin", "onedrive:/2.bin").stdout_bytes == everything + b"end"


def test_cat_of_a_folder_and_of_nothing_have_their_codes(filled: CommandLine) -> None:
    assert filled.run("cat", "onedrive:/Reports").exit_code == 2
    missing = filled.run("cat", "onedrive:/nothing")
    assert missing.exit_code == 4
    assert "There is no onedrive:/nothing." in missing.stderr
    assert "itemNotFound" in missing.stderr
    assert "hint:" in missing.stderr


def test_places_of_other_people_and_sites_are_listed(cli: CommandLine) -> None:
    tenant = cli.emulator.tenant
    bruno = tenant.add_user("bruno", "Bruno Keller")
    bruno.drive.put_file("/his.txt", b"his")
    site = tenant.add_site("sites/Finance", "Finance", libraries=("Documents", "Contracts"))
    for library in site.drives:
        library.put_file(f"/in {library.name}.txt", b"")
    assert cli.ok("ls", f"onedrive://{bruno.user_principal_name}/") == "his.txt\n"
    assert cli.ok("cat", f"onedrive://{bruno.user_principal_name}/his.txt") == "his"
    assert cli.ok("ls", f"onedrive://{tenant.host}/sites/Finance/Contracts") == "in Contracts.txt\n"
    assert cli.ok("ls", f"https://{tenant.host}/sites/Finance/Contracts") == "in Contracts.txt\n"
    nobody = cli.run("ls", "onedrive://nobody@contoso.com/")
    assert nobody.exit_code == 4
    missing = cli.run("ls", f"onedrive://{tenant.host}/sites/Finance/Contracts/none")
    assert f"There is no onedrive://{tenant.host}/sites/Finance/Contracts/none." in missing.stderr
