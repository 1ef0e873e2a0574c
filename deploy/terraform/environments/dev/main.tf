# Small: one of each, Kafka among the application's machines.
module "environment" {
  source = "../../modules/environment"

  name             = "dev"
  purpose          = "Development"
  region           = var.region
  network_range    = "10.10.0.0/20"
  pod_range        = "10.110.0.0/16"
  service_range    = "10.120.0.0/18"
  kubernetes_minor = var.kubernetes_minor
  highly_available = false
  node_size        = "s-4vcpu-8gb"
  min_nodes        = 2
  max_nodes        = 3
  database_size    = "db-s-1vcpu-2gb"
  database_nodes   = 1
  managed_cache    = false
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
