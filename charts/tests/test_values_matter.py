"""Every value changes what the chart makes, or is refused with what to do. One that did neither would be a lie."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest

from charts import helm, reference
from charts.generated import CHART

pytestmark = [pytest.mark.chart, pytest.mark.usefixtures("_helm")]
SCHEMA = json.loads((CHART / "values.schema.json").read_text())
VALUES = [value for value in reference.values((CHART / "values.yaml").read_text()) if value.path != "baseUrl"]

EXTERNAL = {"kafka.provider": "external", "kafka.external.brokers": "a:9092"}
OWN_REDIS = {"redis.builtin.enabled": "false", "redis.address": "a:6379"}
NEXT = {"gateway.enabled": "true", "web.rollout.next.enabled": "true", "web.rollout.next.tag": "x"}
KEDA = {"autoscaling.kind": "keda", "autoscaling.keda.prometheusUrl": "http://prometheus:9090"}
MONITORING = {f"monitoring.{part}": "true" for part in ("podMonitors", "rules", "dashboards")}
# In which installation a value has a meaning, by the beginning of its path. The longest that fits counts.
WHERE: Mapping[str, Mapping[str, str]] = {
    "": {},
    "autoscaling.keda": KEDA,
    "autoscaling.keda.prometheusUrl": KEDA,
    "web.replicas": {"autoscaling.kind": "none"},
    "events.replicas": {"autoscaling.kind": "none"},
    "worker.replicas": {"autoscaling.kind": "none"},
    "web.rollout.next": NEXT,
    "web.rollout.next.enabled": {"web.rollout.next.tag": "x"},
    "dapr.tracing": {"dapr.tracing.endpoint": "a:4317"},
    "database.builtin": {"database.builtin.enabled": "true"},
    "database.builtin.enabled": {},
    "redis.address": OWN_REDIS,
    "redis.tls": OWN_REDIS,
    "networkPolicy.redis": OWN_REDIS,
    "kafka.external": EXTERNAL,
    "networkPolicy.kafka": EXTERNAL,
    "kafka.redpanda": {"kafka.provider": "redpanda"},
    "gateway": {"gateway.enabled": "true"},
    "gateway.parentRefs": {"gateway.enabled": "true", "gateway.create": "false"},
    "gateway.enabled": {},
    "ingress": {"ingress.enabled": "true"},
    "ingress.enabled": {},
    "certificate": {"certificate.enabled": "true", "certificate.issuerName": "x"},
    "certificate.enabled": {"certificate.issuerName": "x"},
    "attachments": {"attachments.bucket": "files"},
    "attachments.bucket": {},
    "networkPolicy.bucket": {"attachments.bucket": "files"},
    "networkPolicy.apiServer": {"secret.throughDapr": "true"},
    "monitoring": MONITORING,
    "monitoring.podMonitors": {},
    "monitoring.rules": {},
    "monitoring.dashboards": {},
}
RESOURCES = {"requests": {"cpu": "17m", "memory": "17Mi"}, "limits": {"cpu": "71m", "memory": "71Mi"}}
POOL = {
    "name": "other",
    "roles": ["controller", "broker"],
    "replicas": 3,
    "storage": "1Gi",
    "heap": "1g",
    "resources": RESOURCES,
}
# What is different from the default where the default's kind does not tell.
OTHERWISE: Mapping[str, Any] = {
    "image.digest": "sha256:" + "0" * 64,
    "image.pullPolicy": "Always",
    "image.pullSecrets": ["x"],
    "settings": {"TRASH_DAYS": 7},
    "pod.tolerations": [{"operator": "Exists"}],
    "autoscaling.kind": "none",
    "autoscaling.keda.prometheusUrl": "http://other:9090",
    "web.rollout.live": "green",
    "events.topicLayout": "by-type",
    "attachments.endpoint": "https://files.example.com",
    "dapr.logLevel": "debug",
    "dapr.tracing.endpoint": "b:4317",
    "dapr.tracing.samplingRate": "0.5",
    "redis.builtin.maxMemory": "17mb",
    "redis.address": "b:6379",
    "kafka.provider": "redpanda",
    "kafka.strimzi.version": "4.1.0",
    "kafka.strimzi.pools": [POOL],
    "kafka.external.brokers": "b:9092",
    "kafka.external.version": "3.0.0",
    "kafka.external.saslMechanism": "PLAIN",
    "gateway.parentRefs": [{"name": "x"}],
    "certificate.issuerKind": "Issuer",
    "networkPolicy.webFrom": [{"podSelector": {}}],
    "monitoring.runbooks": "https://git.example.com/",
    "monitoring.interval": "17s",
    "verify.schedule": "1 2 3 4 5",
    "sessions.schedule": "1 2 3 4 5",
}


def test_nearly_every_value_is_looked_at():
    assert len(VALUES) > 120


@pytest.mark.parametrize("value", VALUES, ids=lambda value: value.path)
def test_a_value_changes_something(value: reference.Value):
    where = {**helm.REQUIRED, **WHERE[max((path for path in WHERE if is_below(value.path, path)), key=len)]}
    before = made(where)
    assert made({**where, value.path: None}, {value.path: other(value)}) != before


def is_below(path: str, above: str) -> bool:
    return not above or path == above or path.startswith(f"{above}.")


def made(settings: Mapping[str, str | None], changed: Mapping[str, Any] | None = None) -> str:
    """What Helm makes, or how the chart refuses. A value that the schema refuses is a mistake of this test."""
    given = helm.arguments(None, {name: text for name, text in settings.items() if text is not None})
    given += [
        part
        for name, value in (changed or {}).items()
        for part in ("--set-json", f"{name}={json.dumps(value)}")
    ]
    result = helm.run("template", "todo-app", str(CHART), "--namespace", "todo", *given)
    assert "values don't meet the specifications of the schema" not in result.stderr, result.stderr
    return result.stdout or result.stderr


def other(value: reference.Value) -> Any:
    """Another value of the same kind."""
    default = value.default
    if value.path in OTHERWISE:
        return OTHERWISE[value.path]
    if isinstance(default, bool):
        return not default
    if isinstance(default, int):
        return default + 1
    return _other_by_name(value.path.rpartition(".")[2], default)


def _other_by_name(name: str, default: Any) -> Any:
    known: dict[str, Any] = {
        "resources": RESOURCES,
        "settings": {"TRASH_DAYS": 7},
        "storage": "17Gi",
        "cidrs": ["10.17.0.0/16"],
        "ports": [17],
    }
    if name in known:
        return known[name]
    return {"other": "one"} if isinstance(default, dict) else "other"
