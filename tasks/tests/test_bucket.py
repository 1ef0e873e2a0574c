"""Attached files in a bucket: stored, sent, removed and looked for, by HTTP on a server that speaks S3's language."""

from collections.abc import Iterator
from datetime import timedelta

import boto3
import pytest
import time_machine
from botocore.config import Config
from django.core.management import call_command
from django.utils import timezone
from moto.server import ThreadedMotoServer

from accounts.actor import Actor
from tasks.attaching.storage import storage
from tasks.models import Attachment
from tasks.tests import files
from tasks.tests.factories import TaskFactory
from tasks.tests.files import upload
from todo_project.buckets import bucket

KEYS = {"access_key": "AKIAEXAMPLE", "secret_key": "s3cret"}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """The address of a server with a bucket."""
    running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    running.start()
    host, port = running.get_host_and_port()
    address = f"http://{host}:{port}"
    s3(address).create_bucket(Bucket="files")
    yield address
    running.stop()


def s3(address):
    return boto3.client(
        "s3",
        endpoint_url=address,
        region_name="us-east-1",
        aws_access_key_id=KEYS["access_key"],
        aws_secret_access_key=KEYS["secret_key"],
        config=Config(retries={"total_max_attempts": 1}),
    )


@pytest.fixture(autouse=True)
def _in_the_bucket(server, settings):
    kept = bucket("files", endpoint=server, region="", **KEYS)
    settings.STORAGES = {**settings.STORAGES, "attachments": kept}


def stored(server):
    return {found["Key"] for found in s3(server).list_objects_v2(Bucket="files").get("Contents", [])}


def attach(shared, owner, content=files.PNG):
    by = Actor.of(owner, "web")
    task = TaskFactory(project=shared)
    return Attachment.objects.attach(task, upload("plan.png", content), owner, by)


def test_a_file_goes_there_and_comes_back(client, server, shared, owner):
    kept = attach(shared, owner, files.PNG + bytes(3_000_000))
    assert stored(server) == {kept.file}
    client.force_login(owner)
    answer = client.get(f"/attachments/{kept.pk}")
    assert b"".join(answer.streaming_content) == files.PNG + bytes(3_000_000)
    assert answer["Content-Disposition"] == 'attachment; filename="plan.png"'
    storage().delete(kept.file)


def test_it_is_nobody_elses_to_read(server, shared, owner):
    kept = attach(shared, owner)
    grants = s3(server).get_object_acl(Bucket="files", Key=kept.file)["Grants"]
    assert [grant["Grantee"].get("URI") for grant in grants] == [None]
    storage().delete(kept.file)


def test_it_goes_after_the_commit(server, shared, owner, by, django_capture_on_commit_callbacks):
    kept = attach(shared, owner)
    with django_capture_on_commit_callbacks(execute=True):
        kept.remove(by)
        assert stored(server) == {kept.file}
    assert stored(server) == set()


def test_a_file_that_is_gone_is_not_found(client, shared, owner):
    kept = attach(shared, owner)
    storage().delete(kept.file)
    client.force_login(owner)
    assert client.get(f"/attachments/{kept.pk}").status_code == 404


def test_what_is_on_no_task_is_found_there_too(server, shared, owner, capsys):
    kept, lost = attach(shared, owner), storage().save("lost", upload("a"))
    with time_machine.travel(timezone.now() + timedelta(days=2)):
        assert set(Attachment.objects.orphans()) == {lost}
    storage().delete(kept.file)
    storage().delete(lost)
    call_command("remove_orphaned_files")
    assert capsys.readouterr().out == "0 removed.\n"
