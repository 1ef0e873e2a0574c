"""The processes of a Kubernetes without machines, in the order in which they start.

Sources: the reference of each program's flags at https://kubernetes.io/docs/reference/command-line-tools-reference/,
https://etcd.io/docs/v3.6/op-guide/configuration/, https://kwok.sigs.k8s.io/docs/user/configuration/
"""

from __future__ import annotations

import http.client
import ssl
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from deploy.cluster.access import Access
from deploy.cluster.installed import HERE, program
from deploy.cluster.ports import ClusterPorts
from deploy.local.ports import LOOPBACK
from deploy.local.service import Service, http_status

OK = 200
LEASE_SECONDS = 40
START_SECONDS = 120.0  # the API server takes three; a machine that does much else takes longer


def services(folder: Path, ports: ClusterPorts, access: Access) -> list[Service]:
    """What a cluster in this folder consists of."""
    return [
        _etcd(folder, ports),
        _api(folder, ports, access),
        _controllers(folder, ports, access),
        _scheduler(folder, ports, access),
        _kwok(folder, ports, access),
        _injector(folder, ports, access),
    ]


def _etcd(folder: Path, ports: ClusterPorts) -> Service:
    clients, peers = f"http://{LOOPBACK}:{ports.etcd}", f"http://{LOOPBACK}:{ports.etcd_peers}"
    flags = {
        "data-dir": folder / "etcd",
        "listen-client-urls": clients,
        "advertise-client-urls": clients,
        "listen-peer-urls": peers,
        "initial-advertise-peer-urls": peers,
        "initial-cluster": f"default={peers}",
        "unsafe-no-fsync": "true",  # it lives for one test
        "log-level": "warn",
    }
    return _service(folder, "etcd", ports.etcd, flags, "/health", plain=True)


def _api(folder: Path, ports: ClusterPorts, access: Access) -> Service:
    flags = {
        "etcd-servers": f"http://{LOOPBACK}:{ports.etcd}",
        "secure-port": ports.api,
        "bind-address": LOOPBACK,
        "advertise-address": LOOPBACK,
        "cert-dir": access.certificate.parent,
        "token-auth-file": access.tokens,
        "service-account-key-file": access.service_account_key,
        "service-account-signing-key-file": access.service_account_key,
        "service-account-issuer": "https://kubernetes.default.svc",
        "authorization-mode": "RBAC",
        "service-cluster-ip-range": "10.96.0.0/16",
        "endpoint-reconciler-type": "none",
    }
    return _service(folder, "kube-apiserver", ports.api, flags, "/readyz")


def _controllers(folder: Path, ports: ClusterPorts, access: Access) -> Service:
    flags = {
        **_client("controllers", ports.controllers, access),
        "cert-dir": folder / "certificates-controllers",
        "root-ca-file": access.certificate,
        "service-account-private-key-file": access.service_account_key,
        "node-monitor-grace-period": "10m",
    }
    return _service(folder, "kube-controller-manager", ports.controllers, flags)


def _scheduler(folder: Path, ports: ClusterPorts, access: Access) -> Service:
    flags = {
        **_client("scheduler", ports.scheduler, access),
        "cert-dir": folder / "certificates-scheduler",
    }
    return _service(folder, "kube-scheduler", ports.scheduler, flags)


def _client(who: str, port: int, access: Access) -> dict[str, Any]:
    """Of what talks to the API server and is alone of its kind."""
    config = access.kubeconfig(who)
    return {
        "kubeconfig": config,
        "authentication-kubeconfig": config,
        "authorization-kubeconfig": config,
        "leader-elect": "false",
        "secure-port": port,
        "bind-address": LOOPBACK,
    }


def _kwok(folder: Path, ports: ClusterPorts, access: Access) -> Service:
    flags = {
        "kubeconfig": access.kubeconfig("kwok"),
        "config": HERE / "stages.yaml",
        "manage-all-nodes": "true",
        "node-lease-duration-seconds": LEASE_SECONDS,
        "server-address": f"{LOOPBACK}:{ports.kwok}",
    }
    return _service(folder, "kwok", ports.kwok, flags, plain=True)


def _injector(folder: Path, ports: ClusterPorts, access: Access) -> Service:
    address = f"{LOOPBACK}:{ports.injector}"
    arguments = [address, str(access.injector_certificate), str(access.injector_key)]
    return _of(folder, "dapr-injector", ports.injector, arguments)


def _service(
    folder: Path,
    name: str,
    port: int,
    flags: Mapping[str, object],
    path: str = "/healthz",
    plain: bool = False,
) -> Service:
    arguments = [f"--{flag}={value}" for flag, value in flags.items()]
    return _of(folder, name, port, arguments, path, plain)


def _of(
    folder: Path, name: str, port: int, arguments: list[str], path: str = "/healthz", plain: bool = False
) -> Service:
    return Service(
        name=name,
        folder=folder,
        port=port,
        command=[program(name), *arguments],
        environment=dict,
        answers=lambda: (http_status if plain else https_status)(port, path) == OK,
        stop_seconds=10.0,
        start_seconds=START_SECONDS,
    )


def https_status(port: int, path: str) -> int:
    """The status of a GET; 0 when nothing answers. Each server here signed its certificate itself: nobody checks it."""
    unchecked = ssl.create_default_context()
    unchecked.check_hostname = False
    unchecked.verify_mode = ssl.CERT_NONE
    connection = http.client.HTTPSConnection(LOOPBACK, port, timeout=2.0, context=unchecked)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()
