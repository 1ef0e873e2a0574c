"""What a cluster has before anything is installed: machines, storage classes, and volumes to bind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Object = dict[str, Any]

MACHINES = 3
# Four CPUs and 8 GB, less what a machine keeps for itself.
SIZE = {"cpu": "3800m", "memory": "6400Mi", "pods": "110", "ephemeral-storage": "100Gi"}
ZONE = {"topology.kubernetes.io/region": "here", "topology.kubernetes.io/zone": "here"}
# As DigitalOcean's clusters have them; the first is the default one.
STORAGE_CLASSES = ("do-block-storage", "do-block-storage-retain")
VOLUMES = 8  # of each class


def objects() -> list[Object]:
    return [*_nodes(), *_storage_classes(), *_volumes()]


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
