# What runs in a cluster before the application: the same charts, versions and values as the scripts of deploy/scripts install.
# A root of its own, because a provider cannot be configured with what the same run makes.
#
# Helm installs the definitions in a chart's crds/ once and never upgrades them: after a new version, run the script.
locals {
  charts = { for name, chart in jsondecode(file("${path.module}/../../platform/charts.json")) : name => chart if !contains(var.without, name) }
}

data "digitalocean_kubernetes_cluster" "this" {
  name = var.cluster
}

resource "random_password" "grafana" {
  length  = 32
  special = false
}

resource "kubernetes_namespace_v1" "monitoring" {
  metadata {
    name = local.charts["kube-prometheus-stack"].namespace
  }
}

resource "kubernetes_secret_v1" "grafana" {
  metadata {
    name      = "grafana-admin"
    namespace = kubernetes_namespace_v1.monitoring.metadata[0].name
  }

  data = {
    user     = "admin"
    password = random_password.grafana.result
  }
}

resource "helm_release" "this" {
  for_each = local.charts

  name             = each.key
  repository       = each.value.repository
  chart            = each.key
  version          = each.value.version
  namespace        = each.value.namespace
  create_namespace = each.key != "kube-prometheus-stack"
  values           = [file("${path.module}/../../platform/values/${each.key}.yaml")]
  atomic           = true
  wait             = true
  timeout          = 600

  depends_on = [kubernetes_secret_v1.grafana]
}
