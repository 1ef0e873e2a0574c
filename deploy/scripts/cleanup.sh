#!/usr/bin/env bash
# Removes the application, and only what is asked for besides. Asks before each thing that cannot be undone.
#
#   cleanup.sh [options]
#
#   --namespace NAME      (default: todo)
#   --data                also Kafka's topics and disks, the built-in Redis's disk, and the Secret with its keys
#   --platform            also Dapr, Strimzi, KEDA, cert-manager and the monitoring, with what it measured
#   --environment NAME    also everything that Terraform made for dev, staging or prod. Needs `terraform init` as setup-doks.sh does it
#   --dry-run, --yes      show what would be done; do not ask
#
# The managed database, the cluster and the backups are protected in Terraform (prevent_destroy): --environment stops there until
# somebody takes that out by hand. Without options Kafka's data, the Secret and the database stay, and deploy.sh brings all back.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

namespace=todo data="" platform="" environment=""
release=todo-app
while [ $# -gt 0 ]; do
  case $1 in
    --namespace) namespace=$(value "$@"); shift ;;
    --data) data=yes ;;
    --platform) platform=yes ;;
    --environment) environment=$(value "$@"); shift ;;
    *) common_option "$1" || wrong_usage "unknown: $1" ;;
  esac
  shift
done
[[ $environment =~ ^(dev|staging|prod)?$ ]] || wrong_usage "--environment is dev, staging or prod"

kubectl=(kubectl --namespace "$namespace")

remove_application() {
  agree "Remove the application from $namespace? Its data stays."
  run helm --namespace "$namespace" uninstall "$release" --ignore-not-found --wait --timeout 10m
}

remove_data() {
  agree "Remove Kafka's and Redis's data and the keys in $namespace for good? Events that were not handled stay in the database."
  run "${kubectl[@]}" delete kafkatopics.kafka.strimzi.io,kafkausers.kafka.strimzi.io,kafkanodepools.kafka.strimzi.io,kafkas.kafka.strimzi.io \
    --selector "app.kubernetes.io/instance=$release" --ignore-not-found --wait
  run "${kubectl[@]}" delete persistentvolumeclaims --selector "strimzi.io/cluster=$release" --ignore-not-found
  run "${kubectl[@]}" delete persistentvolumeclaims --selector "app.kubernetes.io/instance=$release" --ignore-not-found
  run "${kubectl[@]}" delete secret todo --ignore-not-found
}

# In the opposite order of their making. Their definitions stay, and what others made of them.
remove_platform() {
  local name
  agree "Remove Dapr, Strimzi, KEDA, cert-manager and the monitoring from the whole cluster?"
  for name in kube-prometheus-stack dapr strimzi-kafka-operator keda cert-manager; do
    run helm --namespace "$(chart "$name" namespace)" uninstall "$name" --ignore-not-found --wait --timeout 10m
  done
}

remove_environment() {
  agree "Destroy everything that Terraform made for $environment?"
  run terraform -chdir="$ROOT/deploy/terraform/environments/$environment" destroy
}

need_cluster
remove_application
if [ -n "$data" ]; then remove_data; fi
if [ -n "$platform" ]; then remove_platform; fi
if [ -n "$environment" ]; then
  need terraform
  remove_environment
fi
