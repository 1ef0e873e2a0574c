data "digitalocean_kubernetes_versions" "this" {
  version_prefix = "${var.kubernetes_minor}."
}

resource "digitalocean_kubernetes_cluster" "this" {
  name     = var.name
  region   = var.region
  version  = data.digitalocean_kubernetes_versions.this.latest_version
  vpc_uuid = var.vpc_id
  # Both are set, because a change of either makes a new cluster, and what DigitalOcean picks may change.
  cluster_subnet = var.pod_range
  service_subnet = var.service_range

  ha                               = var.highly_available
  auto_upgrade                     = true
  surge_upgrade                    = true
  registry_integration             = true
  destroy_all_associated_resources = false
  tags                             = var.tags

  maintenance_policy {
    day        = "sunday"
    start_time = "03:00"
  }

  control_plane_firewall {
    enabled           = length(var.api_allowed_from) > 0
    allowed_addresses = var.api_allowed_from
  }

  node_pool {
    name       = "${var.name}-apps"
    size       = var.node_size
    auto_scale = true
    min_nodes  = var.min_nodes
    max_nodes  = var.max_nodes
    tags       = var.tags
  }

  lifecycle {
    prevent_destroy = true
    # auto_upgrade moves it on, within the minor version.
    ignore_changes = [version]
  }
}
