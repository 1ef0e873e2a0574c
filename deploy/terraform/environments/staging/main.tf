# Medium, without standbys: what runs here is what production runs.
module "environment" {
  source = "../../modules/environment"

  name             = "staging"
  purpose          = "Staging"
  region           = var.region
  network_range    = "10.20.0.0/20"
  pod_range        = "10.112.0.0/16"
  service_range    = "10.121.0.0/18"
  kubernetes_minor = var.kubernetes_minor
  highly_available = false
  node_size        = "s-4vcpu-8gb"
  min_nodes        = 3
  max_nodes        = 6
  database_size    = "db-s-2vcpu-4gb"
  database_nodes   = 1
  managed_cache    = true
  cache_size       = "db-s-1vcpu-1gb"
  cache_nodes      = 1
  managed_kafka    = false
  api_allowed_from = var.api_allowed_from
  backup_bucket    = var.backup_bucket
  backup_region    = var.backup_region
  files_bucket     = var.files_bucket
  repository       = var.repository
  domain           = var.domain
  host             = var.host
  public_address   = var.public_address
  alert_emails     = var.alert_emails
}
