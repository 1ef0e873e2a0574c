"""backup.sh and restore.sh on real PostgreSQL servers, of which one is another cluster than the other."""

from __future__ import annotations

import json
import os
import re
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from deploy.local.postgres import Databases
from deploy.tests import check_tools
from deploy.tests.standins import SCRIPTS
from tests.installation import Installation
from tests.real_stack import new_stack

pytestmark = [pytest.mark.stack, pytest.mark.xdist_group("stack")]
DATABASE = "todo"
SECONDS = 60.0


def run(script: str, url: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [SCRIPTS / script, *arguments],
        env={"PATH": os.environ["PATH"], "DATABASE_URL": url, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def backup(url: str, folder: Path, *arguments: str, **environment: str) -> Path:
    result = run("backup.sh", url, "--to", str(folder), *arguments, **environment)
    assert result.returncode == 0, result.stderr
    return Path(result.stdout.strip())


def manifest_of(file: Path) -> dict[str, Any]:
    read: dict[str, Any] = json.loads(file.read_text())
    return read


def count(url: str, table: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert row is not None
        return int(row[0])


@pytest.fixture(scope="module")
def server() -> Iterator[Databases]:
    with new_stack() as stack:
        stack.up(only=["postgres"])
        yield stack.databases


@pytest.fixture(scope="module")
def elsewhere() -> Iterator[Databases]:
    """A server with a cluster of its own."""
    with new_stack() as stack:
        stack.up(only=["postgres"])
        yield stack.databases


def installation_on(url: str, folder: Path) -> Installation:
    folder.mkdir(parents=True, exist_ok=True)
    place = Installation(folder, {"DATABASE_URL": url, "SECRET_KEY": "of the tests of backups " * 3})
    place.manage("collectstatic", "--noinput", "--verbosity", "0")
    return place


@pytest.fixture(scope="module")
def busy(server: Databases, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Installation]]:
    """An installation in which tasks are made all the time."""
    url = server.url(DATABASE)
    place = installation_on(url, tmp_path_factory.mktemp("busy"))
    place.manage("migrate", "--verbosity", "0")
    token = place.token("busy@example.com", "tasks:write")
    place.start()
    ended = threading.Event()

    def work() -> None:
        while not ended.is_set():
            place.request("POST", "/api/tasks", {"title": "Under load"}, token)

    worker = threading.Thread(target=work)
    worker.start()
    deadline = time.monotonic() + SECONDS
    while count(url, "events_taskeventlog") < 100:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    yield token, place
    ended.set()
    worker.join()
    place.stop()


@pytest.fixture(scope="module")
def taken(
    busy: tuple[str, Installation], server: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """The manifest of a backup that was taken while tasks were made."""
    return backup(server.url(DATABASE), tmp_path_factory.mktemp("backups"))


@pytest.fixture
def empty(elsewhere: Databases) -> Iterator[str]:
    yield elsewhere.create("restored")
    elsewhere.drop("restored")


def tables(url: str) -> int:
    return count(url, "pg_stat_user_tables")


def test_a_backup_under_load_is_one_moment(taken: Path, empty: str):
    result = run("restore.sh", empty, "--from", str(taken), "--yes")
    assert result.returncode == 0, result.stderr
    assert "as the manifest says" in result.stderr
    contents = manifest_of(taken)["contents"]
    assert contents["tasks"] == count(empty, "tasks_task") >= 100
    assert contents["log"]["rows"] == count(empty, "events_taskeventlog") >= 100
    assert contents["outbox"]["rows"] == count(empty, "events_outboxevent")


def test_what_was_restored_elsewhere_goes_on_and_nothing_is_missing(
    busy: tuple[str, Installation], taken: Path, empty: str, tmp_path: Path
):
    """The numbers of transactions in the backup mean nothing in the other cluster."""
    result = run("restore.sh", empty, "--from", str(taken), "--yes", "--jobs", "2")
    assert result.returncode == 0, result.stderr
    assert "Another cluster" in result.stderr
    token, _ = busy
    place = installation_on(empty, tmp_path / "restored")
    place.start()
    try:
        made = place.request("POST", "/api/tasks", {"title": "After the restore"}, token)[1]["id"]
        _wait_until_clean(place)
        history = place.request("GET", f"/api/tasks/{made}/history", token=token)[1]
        assert "task.created" in json.dumps(history)
    finally:
        place.stop()


def _wait_until_clean(place: Installation) -> None:
    deadline = time.monotonic() + SECONDS
    while True:
        result = place.manage("verify_events", "--age", "0", "--json", ok=False)
        report = json.loads(result.stdout)
        if result.returncode == 0 and not report["on_their_way"]:
            return
        assert time.monotonic() < deadline, report
        time.sleep(0.5)


def test_the_applications_own_proof_can_be_part_of_it(taken: Path, empty: str):
    result = run("restore.sh", empty, "--from", str(taken), "--yes", "--verify", 'test -n "$DATABASE_URL"')
    assert result.returncode == 0, result.stderr
    elsewhere_wrong = run("restore.sh", empty, "--from", str(taken), "--yes", "--verify", "false")
    assert elsewhere_wrong.returncode == 1


def test_a_database_that_is_not_empty_is_refused(taken: Path, empty: str):
    with psycopg.connect(empty) as connection:
        connection.execute("CREATE TABLE precious (id int)")
    result = run("restore.sh", empty, "--from", str(taken), "--yes")
    assert result.returncode == 1
    assert "not empty (1 tables)" in result.stderr
    assert tables(empty) == 1


def test_a_database_in_use_is_refused(taken: Path, empty: str):
    with psycopg.connect(empty):
        result = run("restore.sh", empty, "--from", str(taken), "--yes")
    assert result.returncode == 1
    assert "1 other sessions" in result.stderr


def test_nothing_is_restored_without_consent(taken: Path, empty: str):
    result = run("restore.sh", empty, "--from", str(taken))
    assert result.returncode == 1
    assert "--yes" in result.stderr
    assert tables(empty) == 0


def test_a_damaged_backup_is_noticed_before_anything_happens(taken: Path, empty: str, tmp_path: Path):
    dump = tmp_path / manifest_of(taken)["file"]
    content = bytearray((taken.parent / dump.name).read_bytes())
    content[len(content) // 2] ^= 1
    dump.write_bytes(content)
    (tmp_path / taken.name).write_text(taken.read_text())
    result = run("restore.sh", empty, "--from", str(tmp_path / taken.name), "--yes")
    assert result.returncode == 1
    assert "not what was written" in result.stderr
    assert tables(empty) == 0


def test_what_comes_out_otherwise_than_the_manifest_says_fails(taken: Path, empty: str, tmp_path: Path):
    manifest = manifest_of(taken)
    (tmp_path / manifest["file"]).symlink_to(taken.parent / manifest["file"])
    manifest["contents"]["tasks"] += 1
    (tmp_path / "wrong.json").write_text(json.dumps(manifest))
    result = run("restore.sh", empty, "--from", str(tmp_path / "wrong.json"), "--yes")
    assert result.returncode == 1
    assert "not what the manifest says" in result.stderr


def test_a_backup_can_be_encrypted_by_a_password(taken: Path, server: Databases, empty: str, tmp_path: Path):
    key, wrong = tmp_path / "key", tmp_path / "wrong"
    key.write_text("correct horse battery staple\n")
    wrong.write_text("incorrect\n")
    file = backup(server.url(DATABASE), tmp_path, "--key-file", str(key))
    dump = tmp_path / manifest_of(file)["file"]
    assert not dump.read_bytes().startswith(b"PGDMP")
    assert run("restore.sh", empty, "--from", str(file), "--yes").returncode == 2
    refused = run("restore.sh", empty, "--from", str(file), "--yes", "--key-file", str(wrong))
    assert refused.returncode != 0
    assert tables(empty) == 0
    result = run("restore.sh", empty, "--from", str(file), "--yes", "--key-file", str(key))
    assert result.returncode == 0, result.stderr


def test_a_backup_can_be_encrypted_for_somebody_who_is_not_here(
    taken: Path, server: Databases, empty: str, tmp_path: Path
):
    identity = tmp_path / "identity"
    subprocess.run([check_tools.program("age-keygen"), "-o", identity], check=True, capture_output=True)
    shown = subprocess.run(
        [check_tools.program("age-keygen"), "-y", identity], check=True, capture_output=True, text=True
    )
    path = f"{Path(check_tools.program('age')).parent}:{os.environ['PATH']}"
    file = backup(server.url(DATABASE), tmp_path, "--recipient", shown.stdout.strip(), PATH=path)
    assert (tmp_path / manifest_of(file)["file"]).read_bytes().startswith(b"age-encryption.org")
    result = run(
        "restore.sh",
        empty,
        "--from",
        str(file),
        "--yes",
        "--identity",
        str(identity),
        "--jobs",
        "2",
        PATH=path,
    )
    assert result.returncode == 0, result.stderr


def test_a_user_who_may_no_more_than_setup_doks_allows_can_restore_and_back_up(
    taken: Path, elsewhere: Databases, empty: str, tmp_path: Path
):
    grants = re.findall(r'--command \\"(GRANT [^\\]+)\\"', (SCRIPTS / "setup-doks.sh").read_text())
    assert len(grants) == 2
    with psycopg.connect(empty, autocommit=True) as session:
        session.execute("CREATE ROLE plain LOGIN PASSWORD 'plain'")
        for grant in grants:
            session.execute(
                grant.replace("DATABASE todo", "DATABASE restored").replace("TO todo", "TO plain").encode()
            )
    url = empty.replace(f"{elsewhere.password}@", "plain@").replace("//todo:", "//plain:")
    try:
        result = run("restore.sh", url, "--from", str(taken), "--yes")
        assert result.returncode == 0, result.stderr
        again = backup(url, tmp_path)
        assert manifest_of(again)["contents"] == manifest_of(taken)["contents"]
    finally:
        with psycopg.connect(empty, autocommit=True) as session:
            session.execute("DROP OWNED BY plain CASCADE")
            session.execute("DROP ROLE plain")


def test_only_the_newest_are_kept(taken: Path, server: Databases, tmp_path: Path):
    for day in ("20200101", "20200102", "20200103"):
        for suffix in ("json", "dump"):
            (tmp_path / f"todo-{day}T000000Z.{suffix}").touch()
    newest = backup(server.url(DATABASE), tmp_path, "--keep", "2")
    left = sorted(file.name for file in tmp_path.iterdir())
    assert left == [
        "todo-20200103T000000Z.dump",
        "todo-20200103T000000Z.json",
        newest.with_suffix(".dump").name,
        newest.name,
    ]


def test_a_backup_that_fails_leaves_nothing_behind(server: Databases, tmp_path: Path):
    url = server.url(DATABASE).replace(server.password, "wrong")
    result = run("backup.sh", url, "--to", str(tmp_path / "backups"))
    assert result.returncode != 0
    assert list((tmp_path / "backups").iterdir()) == []


def test_nobody_else_may_read_it(taken: Path):
    assert {oct(file.stat().st_mode & 0o777) for file in taken.parent.iterdir()} == {"0o600"}


def test_the_password_is_in_no_file(taken: Path, server: Databases):
    assert server.password not in taken.read_text()
