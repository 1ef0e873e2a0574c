"""setup-doks.sh and the scripts that install what the application stands on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from deploy.local.service import ROOT
from deploy.tests.standins import Standins

pytestmark = pytest.mark.delivery

KEYS = {
    "DIGITALOCEAN_TOKEN": "dop_v1",
    "SPACES_ACCESS_KEY_ID": "key",
    "SPACES_SECRET_ACCESS_KEY": "hush",
}
SETTINGS = {
    "DATABASE_URL": "postgres://todo:p@h:25060/todo",
    "DATABASE_DIRECT_URL": "postgres://todo:p@h:25060/todo",
}
CHARTS = json.loads((ROOT / "deploy/platform/charts.json").read_text())


@pytest.fixture
def standins(tmp_path: Path) -> Standins:
    return Standins(tmp_path)


def first_time(standins: Standins) -> None:
    """Nothing is there yet, and Spaces refuses a second writer."""
    standins.answer("head-bucket", status=1)
    standins.answer("get namespace|get secret", status=1)
    standins.answer("output -json secret_settings", json.dumps(SETTINGS))
    standins.answer("output -json chart_values", '{"baseUrl": "https://todo.example.com"}')
    standins.answer("output -raw cluster", "todo-staging")
    standins.answer("output -raw owner_url", "postgres://doadmin:top@h:25060/todo")


def refuse_second_put(folder: Path) -> None:
    """The AWS CLI whose first conditional write succeeds and whose second one does not."""
    program = folder / "bin" / "aws"
    text = program.read_text()
    program.write_text(
        f"{text}\n[[ $* != *put-object* ]] || mkdir '{folder}/written' 2> /dev/null || exit 254\n"
    )


def set_up(standins: Standins, *arguments: str, environment: str = "staging"):
    return standins.run("setup-doks.sh", environment, "--state-bucket", "state", *arguments, **KEYS)


def test_the_steps_come_in_their_order(standins: Standins, tmp_path: Path):
    first_time(standins)
    refuse_second_put(tmp_path)
    result = set_up(standins, "--yes", "--issuer-email", "ops@example.com")
    assert result.returncode == 0, result.stderr
    assert standins.happened_in_order(
        "aws .*create-bucket --bucket state",
        "aws .*put-bucket-versioning .*Status=Enabled",
        r"aws .*put-object .*--if-none-match \*",
        r"aws .*put-object .*--if-none-match \*",
        "terraform -chdir=.*/environments/staging init .*bucket=state",
        "terraform .* plan -input=false -out=plan.tfplan",
        "terraform .* apply -input=false plan.tfplan",
        "doctl kubernetes cluster kubeconfig save todo-staging",
        "kubectl create namespace todo",
        "kubectl label .*enforce=restricted",
        "kubectl .* run open-database",
        "kubectl create --filename -",
        "helm upgrade --install cert-manager",
        "helm upgrade --install keda",
        "kubectl apply --server-side --filename -",
    )
    values = tmp_path / "values" / "staging.values.json"
    assert json.loads(values.read_text()) == {"baseUrl": "https://todo.example.com"}


def test_the_secret_holds_new_keys_and_what_terraform_knows(standins: Standins, tmp_path: Path):
    first_time(standins)
    refuse_second_put(tmp_path)
    result = set_up(standins, "--yes")
    secret = json.loads(standins.input_of("kubectl create --filename -"))
    settings = secret["stringData"]
    assert {"SECRET_KEY", "APP_API_TOKEN", "DAPR_API_TOKEN", "REDIS_PASSWORD", "REDIS_URL"} <= set(settings)
    assert settings["DATABASE_URL"] == SETTINGS["DATABASE_URL"]
    assert f":{settings['REDIS_PASSWORD']}@todo-app-redis:6379" in settings["REDIS_URL"]
    keys = [settings[name] for name in ("SECRET_KEY", "APP_API_TOKEN", "DAPR_API_TOKEN", "REDIS_PASSWORD")]
    assert len(set(keys)) == 4
    assert min(map(len, keys)) >= 50
    told = result.stdout + result.stderr + "\n".join(standins.calls)
    assert [word for word in (*keys, ":p@h", ":top@", "hush") if word in told] == []


def test_managed_services_win_over_the_built_in_ones(standins: Standins, tmp_path: Path):
    managed = {**SETTINGS, "REDIS_URL": "rediss://default:x@h:25061/0", "REDIS_PASSWORD": "x"}
    standins.answer("output -json secret_settings", json.dumps(managed))
    first_time(standins)
    refuse_second_put(tmp_path)
    set_up(standins, "--yes")
    settings = json.loads(standins.input_of("kubectl create --filename -"))["stringData"]
    assert (settings["REDIS_URL"], settings["REDIS_PASSWORD"]) == ("rediss://default:x@h:25061/0", "x")


def test_nightly_backups_learn_where_to_and_for_whom(standins: Standins, tmp_path: Path):
    standins.answer(
        "output -json backup_credentials", '{"AWS_ACCESS_KEY_ID": "k", "AWS_SECRET_ACCESS_KEY": "hidden"}'
    )
    standins.answer("output -raw backup_bucket", "s3://acme-backups")
    standins.answer("output -raw backup_endpoint", "https://ams3.digitaloceanspaces.com")
    first_time(standins)
    refuse_second_put(tmp_path)
    result = set_up(standins, "--yes", "--recipient", "age1abc")
    assert result.returncode == 0, result.stderr
    given = json.loads(standins.input_of("kubectl apply --server-side --filename -"))
    assert given["metadata"]["name"] == "todo-backup"
    assert given["stringData"] == {
        "AWS_ACCESS_KEY_ID": "k",
        "AWS_SECRET_ACCESS_KEY": "hidden",
        "AWS_DEFAULT_REGION": "us-east-1",
        "S3_ENDPOINT": "https://ams3.digitaloceanspaces.com",
        "BUCKET": "s3://acme-backups",
        "RECIPIENT": "age1abc",
    }
    assert "hidden" not in result.stdout + result.stderr + "\n".join(standins.calls)


def test_the_database_is_opened_by_a_pod_that_may_do_nothing_else(standins: Standins, tmp_path: Path):
    first_time(standins)
    refuse_second_put(tmp_path)
    set_up(standins, "--yes")
    assert "doadmin" in standins.input_of("run open-database")
    [call] = standins.calls_of("run open-database")
    assert '"allowPrivilegeEscalation":false' in call
    assert "doadmin" not in call


def test_a_second_time_what_is_there_stays(standins: Standins, tmp_path: Path):
    standins.answer("output -json chart_values", "{}")
    standins.answer("output -raw cluster", "todo-staging")
    refuse_second_put(tmp_path)
    result = set_up(standins, "--yes")
    assert result.returncode == 0, result.stderr
    assert standins.calls_of("create-bucket|create namespace|kubectl create") == []
    assert "stays as it is" in result.stderr


def test_a_store_that_lets_a_second_writer_past_a_lock_is_refused(standins: Standins):
    first_time(standins)
    result = set_up(standins, "--yes")
    assert result.returncode == 1
    assert "second writer" in result.stderr
    assert standins.calls_of("^terraform") == []
    assert len(standins.calls_of("aws .*delete-object")) == 1


def test_without_consent_nothing_is_applied(standins: Standins, tmp_path: Path):
    first_time(standins)
    refuse_second_put(tmp_path)
    result = set_up(standins)
    assert result.returncode == 1
    assert "--yes" in result.stderr
    assert standins.calls_of("terraform .* plan")
    assert standins.calls_of("terraform .* apply|^kubectl|^helm|^doctl") == []


@pytest.mark.parametrize("fails", ["terraform .* init", "terraform .* plan", "terraform .* apply", "^doctl"])
def test_what_fails_ends_it(fails: str, standins: Standins, tmp_path: Path):
    standins.answer(fails, status=1)
    first_time(standins)
    refuse_second_put(tmp_path)
    result = set_up(standins, "--yes")
    assert result.returncode == 1
    assert standins.calls_of(fails) == standins.calls[-1:]


def test_a_missing_key_is_named_before_anything_happens(standins: Standins):
    result = standins.run("setup-doks.sh", "dev", "--state-bucket", "state", "--yes")
    assert result.returncode == 1
    assert "DIGITALOCEAN_TOKEN is not set" in result.stderr
    assert standins.calls == []


def test_the_account_has_no_cluster(standins: Standins, tmp_path: Path):
    standins.answer("output -raw repository", "registry.digitalocean.com/acme/todo-app")
    refuse_second_put(tmp_path)
    result = set_up(standins, "--yes", environment="account")
    assert result.returncode == 0, result.stderr
    assert "registry.digitalocean.com/acme/todo-app" in result.stderr
    assert standins.calls_of("^kubectl|^helm|^doctl") == []


def test_terraform_installs_the_platform_where_it_is_asked_to(standins: Standins, tmp_path: Path):
    first_time(standins)
    refuse_second_put(tmp_path)
    result = set_up(standins, "--yes", "--terraform-platform")
    assert result.returncode == 0, result.stderr
    assert standins.calls_of(
        "terraform -chdir=.*/terraform/platform init .*key=todo/staging-platform.tfstate"
    )
    assert standins.calls_of("terraform -chdir=.*/terraform/platform plan .*-var cluster=todo-staging")
    assert standins.calls_of("helm upgrade") == []


@pytest.mark.parametrize(
    ("script", "chart"),
    [
        ("install-kafka.sh", "strimzi-kafka-operator"),
        ("install-dapr.sh", "dapr"),
        ("setup-monitoring.sh", "kube-prometheus-stack"),
    ],
)
def test_a_chart_comes_with_its_definitions_in_its_version(script: str, chart: str, standins: Standins):
    result = standins.run(script)
    assert result.returncode == 0, result.stderr
    version, namespace = CHARTS[chart]["version"], CHARTS[chart]["namespace"]
    assert standins.happened_in_order(
        f"helm show crds .*{chart} .*--version {version}",
        f"helm upgrade --install {chart} .*{chart} .*--version {version} --namespace {namespace} .*--wait",
    )
    assert standins.calls_of("kubectl apply --server-side --force-conflicts --filename -")
    [upgrade] = standins.calls_of("helm upgrade")
    values = Path(upgrade.split("--values ")[1].split()[0])
    assert values.is_file()


def test_grafanas_password_is_made_once_and_shown_to_nobody(standins: Standins):
    standins.answer("get secret grafana-admin", status=1)
    result = standins.run("setup-monitoring.sh", "--without-jaeger")
    password = standins.input_of("create secret generic grafana-admin")
    assert len(password) >= 32
    assert password not in result.stderr + result.stdout + "\n".join(standins.calls)
    assert standins.calls_of("jaeger") == []


def test_grafanas_password_stays(standins: Standins):
    standins.run("setup-monitoring.sh")
    assert standins.calls_of("create secret") == []
    assert standins.calls_of("apply .*jaeger.yaml")


def test_helm_3_is_refused(tmp_path: Path):
    standins = Standins(tmp_path)
    (tmp_path / "answers.txt").write_text("^helm version\t0\tv3.19.0\n")
    result = standins.run("install-dapr.sh")
    assert result.returncode == 1
    assert "Helm 4" in result.stderr
    assert standins.calls_of("upgrade") == []
