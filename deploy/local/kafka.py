"""Kafka of a stack: one broker that is its own controller, and the topics of the application."""

from __future__ import annotations

import subprocess
import uuid
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from confluent_kafka import KafkaError, KafkaException
from confluent_kafka.admin import AdminClient
from confluent_kafka.cimpl import NewTopic

from deploy.local import installed
from deploy.local.failure import StackError
from deploy.local.ports import LOOPBACK
from deploy.local.service import ROOT, Service, environment

PARTITIONS = 3
DEAD_LETTER_PARTITIONS = 3
TIMEOUT_SECONDS = 20.0
MAX_MESSAGE_BYTES = 1_048_588  # the broker's own default
SUBSCRIPTIONS = {"by-aggregate": "subscriptions.yaml", "by-type": "subscriptions-by-type.yaml"}
LOGGING = "-Dorg.slf4j.simpleLogger"
JAVA_OPTIONS = [
    "-Xms384m",
    "-Xmx384m",
    "-XX:+UseG1GC",
    # The first compiler alone: in its first half minute, at 3000 events/s, the broker takes half the CPU.
    "-XX:TieredStopAtLevel=1",
    f"{LOGGING}.showDateTime=true",
    f"{LOGGING}.dateTimeFormat=yyyy-MM-dd HH:mm:ss.SSS",
    f"{LOGGING}.defaultLogLevel=warn",
    f"{LOGGING}.log.kafka.server=info",
]


def topics(layout: str) -> dict[str, int]:
    """The topics of EVENT_TOPIC_LAYOUT with their partitions.

    They are read from the subscriptions in ``deploy/dapr``, of which a test proves that they are the application's.
    """
    text = (ROOT / "deploy" / "dapr" / SUBSCRIPTIONS[layout]).read_text()
    specs = [document["spec"] for document in yaml.safe_load_all(text)]
    return {spec["topic"]: PARTITIONS for spec in specs} | {
        spec["deadLetterTopic"]: DEAD_LETTER_PARTITIONS for spec in specs
    }


@dataclass(frozen=True)
class Broker:
    port: int

    @property
    def address(self) -> str:
        """What KAFKA_BROKERS is."""
        return f"{LOOPBACK}:{self.port}"

    def admin(self) -> AdminClient:
        return AdminClient({"bootstrap.servers": self.address, "log_level": 0})

    def answers(self) -> bool:
        try:
            self.admin().list_topics(timeout=2)
        except KafkaException:
            return False
        return True

    def partitions(self) -> dict[str, int]:
        """The topics that there are, each with the number of its partitions."""
        found = self.admin().list_topics(timeout=TIMEOUT_SECONDS).topics
        return {name: len(topic.partitions) for name, topic in found.items() if not name.startswith("__")}

    def create(self, wanted: dict[str, int]) -> None:
        """Make the topics that are missing. Raises StackError when one cannot be made."""
        new = [NewTopic(name, num_partitions=count, replication_factor=1) for name, count in wanted.items()]
        admin = self.admin()  # its answers come as long as it lives
        for name, future in admin.create_topics(new, operation_timeout=TIMEOUT_SECONDS).items():
            try:
                future.result()
            except KafkaException as error:
                if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                    raise StackError(f"Kafka did not make the topic {name}: {error}") from error

    def delete(self, names: list[str]) -> None:
        """Delete topics with everything in them."""
        admin = self.admin()
        for future in admin.delete_topics(names, operation_timeout=TIMEOUT_SECONDS).values():
            future.result()


def service(folder: Path, port: int) -> Service:
    return Service(
        name="kafka",
        folder=folder,
        port=port,
        command=_java("kafka.Kafka", str(folder / "kafka" / "server.properties")),
        environment=dict,
        answers=Broker(port).answers,
        stop_seconds=30.0,
    )


def prepare(folder: Path, port: int, controller_port: int) -> None:
    """Write the broker's properties, and format its storage where that was not done."""
    home = folder / "kafka"
    home.mkdir(parents=True, exist_ok=True)
    properties = home / "server.properties"
    lines = [f"{name}={value}" for name, value in _properties(home, port, controller_port).items()]
    properties.write_text("\n".join(lines) + "\n")
    if (home / "data" / "meta.properties").exists():
        return
    cluster = urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
    # With an equals sign: the id may begin with a hyphen.
    command = _java("kafka.tools.StorageTool", "format", f"--cluster-id={cluster}", "-c", str(properties))
    result = subprocess.run(command, env=environment({}), capture_output=True, text=True, check=False)
    if result.returncode:
        raise StackError(f"Kafka's storage could not be formatted:\n{result.stdout}{result.stderr}")


def _java(*arguments: str) -> list[str]:
    return [installed.java(), *JAVA_OPTIONS, "-cp", f"{installed.kafka_jars()}/*", *arguments]


def _properties(home: Path, port: int, controller_port: int) -> dict[str, Any]:
    """Source: https://kafka.apache.org/documentation/#brokerconfigs"""
    return {
        "process.roles": "broker,controller",
        "node.id": 1,
        "listeners": f"PLAINTEXT://{LOOPBACK}:{port},CONTROLLER://{LOOPBACK}:{controller_port}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "inter.broker.listener.name": "PLAINTEXT",
        "controller.listener.names": "CONTROLLER",
        "controller.quorum.voters": f"1@{LOOPBACK}:{controller_port}",
        "log.dirs": home / "data",
        # A wrong name is an error, not a new topic with one partition that nobody reads.
        "auto.create.topics.enable": "false",
        "num.partitions": PARTITIONS,
        "message.max.bytes": MAX_MESSAGE_BYTES,
        "default.replication.factor": 1,
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 3,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        # A killed broker's successor must wait until its predecessor's registration has run out (9 s by default).
        "broker.session.timeout.ms": 3000,
        "broker.heartbeat.interval.ms": 500,
        "group.initial.rebalance.delay.ms": 0,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
        "log.segment.bytes": 64 * 1024 * 1024,
        "log.retention.hours": 24,
    }
