"""What a cluster has before anything is installed: machines, storage classes, volumes to bind, Dapr's injector."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from deploy.cluster.access import Access
from deploy.cluster.ports import ClusterPorts
from deploy.local.ports import LOOPBACK

Object = dict[str, Any]

MACHINES = 3
# Four CPUs and 8 GB, less what a machine keeps for itself.
SIZE = {"cpu": "3800m", "memory": "6400Mi", "pods": "110", "ephemeral-storage": "100Gi"}
ZONE = {"topology.kubernetes.io/region": "here", "topology.kubernetes.io/zone": "here"}
# As DigitalOcean's clusters have them; the first is the default one.
STORAGE_CLASSES = ("do-block-storage", "do-block-storage-retain")
VOLUMES = 60  # of each class: what a claim has had is free for no other
# A namespace with this label gets the sidecars of a Dapr that was installed without a thought of Pod Security.
DAPR_DEFAULTS = {"todo/dapr": "defaults"}


def objects(access: Access, ports: ClusterPorts) -> list[Object]:
    return [*_nodes(), *_storage_classes(), *_volumes(), _injection(access, ports)]


def _nodes() -> Iterator[Object]:
    for number in range(1, MACHINES + 1):
        name = f"machine-{number}"
        labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", **ZONE}
        about = {"name": name, "labels": labels, "annotations": {"kwok.x-k8s.io/node": "fake"}}
        yield {
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": about,
            "status": {"capacity": SIZE, "allocatable": SIZE},
        }


def _storage_classes() -> Iterator[Object]:
    for name in STORAGE_CLASSES:
        default = str(name == STORAGE_CLASSES[0]).lower()
        yield {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {
                "name": name,
                "annotations": {"storageclass.kubernetes.io/is-default-class": default},
            },
            "provisioner": "kubernetes.io/no-provisioner",
        }


def _volumes() -> Iterator[Object]:
    """Nobody makes volumes here, so there are some that wait for a claim."""
    for storage_class in STORAGE_CLASSES:
        for number in range(VOLUMES):
            yield {
                "apiVersion": "v1",
                "kind": "PersistentVolume",
                "metadata": {"name": f"{storage_class}-{number}"},
                "spec": {
                    "storageClassName": storage_class,
                    "capacity": {"storage": "100Gi"},
                    "accessModes": ["ReadWriteOnce"],
                    "persistentVolumeReclaimPolicy": "Retain",
                    "hostPath": {"path": f"/volumes/{storage_class}-{number}"},
                },
            }


def _injection(access: Access, ports: ClusterPorts) -> Object:
    """The API server asks Dapr's injector about every new pod.

    Source: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/
    """
    trusted = b64encode(access.injector_certificate.read_bytes()).decode()
    [(label, value)] = DAPR_DEFAULTS.items()

    def hook(name: str, path: str, operator: str) -> Object:
        return {
            "name": f"{name}.dapr.io",
            "clientConfig": {"url": f"https://{LOOPBACK}:{ports.injector}{path}", "caBundle": trusted},
            "rules": [
                {"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], "operations": ["CREATE"]}
            ],
            "namespaceSelector": {
                "matchExpressions": [{"key": label, "operator": operator, "values": [value]}]
            },
            "sideEffects": "None",
            "admissionReviewVersions": ["v1"],
        }

    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "MutatingWebhookConfiguration",
        "metadata": {"name": "dapr-sidecar-injector"},
        "webhooks": [hook("restricted", "/drop", "NotIn"), hook("defaults", "/defaults", "In")],
    }
