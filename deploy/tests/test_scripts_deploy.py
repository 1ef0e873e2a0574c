"""deploy.sh and cleanup.sh."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.tests.standins import Standins

pytestmark = pytest.mark.delivery


@pytest.fixture
def standins(tmp_path: Path) -> Standins:
    (tmp_path / "values").mkdir()
    (tmp_path / "values" / "dev.values.json").write_text(json.dumps({"baseUrl": "https://todo.example.com"}))
    found = Standins(tmp_path)
    found.answer("helm .* status", json.dumps({"version": 7}))
    return found


def answers_as_it_should(standins: Standins) -> None:
    """What smoke-test.sh asks for, in a stand-in of curl that prints the status."""
    standins.answer("curl .*/api/tasks$", "401")
    standins.answer("curl .*/metrics$", "404")
    standins.answer("curl", "200")


def test_the_chart_gets_the_values_of_cloud_and_operator_and_then_the_smoke_test_runs(standins: Standins):
    answers_as_it_should(standins)
    result = standins.run("deploy.sh", "dev", "--tag", "abc123", "--values", "/mine.yaml")
    assert result.returncode == 0, result.stderr
    [upgrade] = standins.calls_of("helm upgrade")
    files = [
        word
        for before, word in zip(upgrade.split(), upgrade.split()[1:], strict=False)
        if before == "--values"
    ]
    assert [Path(file).name for file in files] == ["values-doks.yaml", "dev.values.json", "mine.yaml"]
    assert "--set-string image.tag=abc123" in upgrade
    for option in ("--rollback-on-failure", "--wait", "--wait-for-jobs", "--timeout 15m"):
        assert option in upgrade
    assert standins.happened_in_order("helm upgrade", "curl .*https://todo.example.com/health/ready")
    assert standins.calls_of("rollback todo-app") == []


def test_a_digest_says_exactly_which_image(standins: Standins):
    answers_as_it_should(standins)
    digest = "sha256:" + "0" * 64
    standins.run("deploy.sh", "dev", "--digest", digest, "--managed")
    [upgrade] = standins.calls_of("helm upgrade")
    assert f"--set-string image.digest={digest}" in upgrade
    assert "values-doks-managed.yaml" in upgrade
    assert standins.run("deploy.sh", "dev", "--digest", "latest").returncode == 2


def test_a_failed_smoke_test_brings_back_what_ran_before(standins: Standins):
    standins.answer("curl .*/health/live", "500")
    answers_as_it_should(standins)
    result = standins.run("deploy.sh", "dev")
    assert result.returncode == 1
    assert standins.happened_in_order(
        "helm upgrade", "curl .*/health/live", "helm .*rollback todo-app 7 --wait"
    )
    assert "revision 7 runs again" in result.stderr


def test_a_failed_first_installation_has_nothing_to_go_back_to(tmp_path: Path, standins: Standins):
    (tmp_path / "answers.txt").write_text("")
    standins.answer("^helm version", "v4.3.1")
    standins.answer("helm .* status", status=1)
    standins.answer("curl .*/health/live", "500")
    answers_as_it_should(standins)
    result = standins.run("deploy.sh", "dev")
    assert result.returncode == 1
    assert "no earlier version" in result.stderr
    assert standins.calls_of("rollback todo-app") == []


def test_a_failed_upgrade_is_not_tried_out(standins: Standins):
    standins.answer("helm upgrade", status=1)
    answers_as_it_should(standins)
    result = standins.run("deploy.sh", "dev")
    assert result.returncode == 1
    assert standins.calls_of("^curl|rollback todo-app") == []


def test_without_its_secret_nothing_is_installed(standins: Standins):
    standins.answer("get secret todo", status=1)
    result = standins.run("deploy.sh", "dev")
    assert result.returncode == 1
    assert "Secret todo is missing" in result.stderr
    assert standins.calls_of("helm upgrade") == []


def test_an_environment_that_was_not_set_up_is_refused(standins: Standins):
    result = standins.run("deploy.sh", "nowhere")
    assert result.returncode == 1
    assert "setup-doks.sh nowhere" in result.stderr


def test_a_restart_changes_nothing_else(standins: Standins):
    result = standins.run("deploy.sh", "dev", "--restart")
    assert result.returncode == 0, result.stderr
    assert standins.happened_in_order("rollout restart deployment", "rollout status deployment")
    assert standins.calls_of("helm upgrade") == []


# --- cleanup.sh -----------------------------------------------------------------------------------------


def test_without_options_data_and_keys_stay(standins: Standins):
    result = standins.run("cleanup.sh", "--yes")
    assert result.returncode == 0, result.stderr
    assert standins.calls_of("helm .*uninstall") == [
        "helm --namespace todo uninstall todo-app --ignore-not-found --wait --timeout 10m"
    ]
    assert standins.calls_of("delete|destroy") == []


@pytest.mark.parametrize(
    ("option", "removes"),
    [
        (["--data"], "delete .*kafkatopics.*app.kubernetes.io/instance=todo-app"),
        (["--data"], "delete persistentvolumeclaims .*strimzi.io/cluster=todo-app"),
        (["--data"], "delete secret todo"),
        (["--platform"], "--namespace dapr-system uninstall dapr"),
        (["--environment", "dev"], "terraform -chdir=.*/environments/dev destroy"),
    ],
)
def test_each_option_removes_what_it_names(option: list[str], removes: str, standins: Standins):
    assert standins.run("cleanup.sh", "--yes", *option).returncode == 0
    assert standins.calls_of(removes)


def test_nothing_is_removed_without_consent(standins: Standins):
    result = standins.run("cleanup.sh", "--data", "--platform", "--environment", "dev")
    assert result.returncode == 1
    assert "--yes" in result.stderr
    assert standins.calls_of("uninstall|delete|destroy") == []


def test_terraform_asks_by_itself_whatever_was_said_before(standins: Standins):
    standins.run("cleanup.sh", "--yes", "--environment", "dev")
    assert standins.calls_of("auto-approve") == []


def test_it_ends_where_something_fails(standins: Standins):
    standins.answer("uninstall todo-app", status=1)
    assert standins.run("cleanup.sh", "--yes", "--data").returncode == 1
    assert standins.calls_of("delete") == []
