# What is seen from outside, and what still tells when the whole cluster is away. Everything else is the cluster's own Prometheus.
resource "digitalocean_uptime_check" "web" {
  name    = "${var.name} health"
  target  = "https://${var.host}/health"
  type    = "https"
  regions = ["us_east", "eu_west", "se_asia"]
  enabled = var.enabled
}

resource "digitalocean_uptime_alert" "down" {
  name       = "${var.name} is down"
  check_id   = digitalocean_uptime_check.web.id
  type       = "down_global"
  threshold  = 1
  comparison = "less_than"
  period     = "2m"

  notifications {
    email = var.emails
  }
}

resource "digitalocean_uptime_alert" "certificate" {
  name       = "${var.name} certificate"
  check_id   = digitalocean_uptime_check.web.id
  type       = "ssl_expiry"
  threshold  = 14
  comparison = "less_than"
  period     = "1h"

  notifications {
    email = var.emails
  }
}

resource "digitalocean_monitor_alert" "cpu" {
  description = "${var.name}: machines are busy"
  type        = "v1/insights/droplet/cpu"
  compare     = "GreaterThan"
  value       = 90
  window      = "30m"
  enabled     = var.enabled
  tags        = var.machine_tags

  alerts {
    email = var.emails
  }
}

resource "digitalocean_monitor_alert" "memory" {
  description = "${var.name}: machines have little memory left"
  type        = "v1/insights/droplet/memory_utilization_percent"
  compare     = "GreaterThan"
  value       = 90
  window      = "10m"
  enabled     = var.enabled
  tags        = var.machine_tags

  alerts {
    email = var.emails
  }
}

resource "digitalocean_monitor_alert" "disk" {
  description = "${var.name}: the disks of machines are full"
  type        = "v1/insights/droplet/disk_utilization_percent"
  compare     = "GreaterThan"
  value       = 85
  window      = "10m"
  enabled     = var.enabled
  tags        = var.machine_tags

  alerts {
    email = var.emails
  }
}
