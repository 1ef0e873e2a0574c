#!/usr/bin/env bash
# Installs Strimzi's operator, which then makes Kafka from what the chart todo-app says. Safe to repeat; a repeat upgrades.
#
#   install-kafka.sh [--dry-run]
#
# Not needed with kafka.provider "redpanda" or "external". The version stands in deploy/platform/charts.json.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

while [ $# -gt 0 ]; do
  common_option "$1" || wrong_usage "unknown: $1"
  shift
done
need_cluster
install_chart strimzi-kafka-operator
run kubectl wait --for=condition=Established --timeout=60s crd/kafkas.kafka.strimzi.io crd/kafkanodepools.kafka.strimzi.io \
  crd/kafkatopics.kafka.strimzi.io crd/kafkausers.kafka.strimzi.io
say "Strimzi $(chart strimzi-kafka-operator version) looks after Kafka."
