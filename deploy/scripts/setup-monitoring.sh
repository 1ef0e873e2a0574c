#!/usr/bin/env bash
# Installs Prometheus, Alertmanager and Grafana, and Jaeger for traces. Safe to repeat; a repeat upgrades.
#
#   setup-monitoring.sh [--without-jaeger] [--dry-run]
#
# Grafana's password is made once, in the Secret grafana-admin. The alerts and dashboards themselves come with the chart
# todo-app (monitoring.* in its values). The versions stand in deploy/platform/.
# shellcheck source=deploy/scripts/lib.sh
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

jaeger=yes
while [ $# -gt 0 ]; do
  case $1 in
    --without-jaeger) jaeger="" ;;
    *) common_option "$1" || wrong_usage "unknown: $1" ;;
  esac
  shift
done

# The password goes through a pipe: on a command line everybody on this machine could read it.
make_password() {
  asks kubectl --namespace "$namespace" get secret grafana-admin && return
  shown kubectl --namespace "$namespace" create secret generic grafana-admin --from-literal user=admin --from-file password=/dev/stdin
  [ -n "$DRY_RUN" ] || openssl rand -base64 24 | tr -d '\n' |
    kubectl --namespace "$namespace" create secret generic grafana-admin --from-literal user=admin --from-file password=/dev/stdin
}

need_cluster
need openssl
namespace=$(chart kube-prometheus-stack namespace)
asks kubectl get namespace "$namespace" || run kubectl create namespace "$namespace"
make_password
install_chart kube-prometheus-stack
if [ -n "$jaeger" ]; then
  run kubectl apply --server-side --filename "$ROOT/deploy/platform/jaeger.yaml"
  run kubectl --namespace "$namespace" rollout status deployment/jaeger --timeout=5m
fi
say "Grafana: kubectl --namespace $namespace port-forward service/kube-prometheus-stack-grafana 3000:80, then http://localhost:3000"
say "Its password: kubectl --namespace $namespace get secret grafana-admin --output jsonpath='{.data.password}' | base64 --decode"
