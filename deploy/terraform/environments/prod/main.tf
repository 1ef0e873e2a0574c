# Nothing stands alone: the control plane, PostgreSQL and Valkey have standbys, Kafka has three brokers.
module "environment" {
  source = "../../modules/environment"

  name               = "prod"
  purpose            = "Production"
  region             = var.region
  network_range      = "10.30.0.0/20"
  pod_range          = "10.114.0.0/16"
  service_range      = "10.122.0.0/18"
  kubernetes_minor   = var.kubernetes_minor
  highly_available   = true
  node_size          = "s-4vcpu-8gb"
  min_nodes          = 4
  max_nodes          = 10
  database_size      = "db-s-4vcpu-8gb"
  database_nodes     = 2
  database_pool_size = 120
  managed_cache      = true
  cache_size         = "db-s-2vcpu-4gb"
  cache_nodes        = 2
  managed_kafka      = false
  api_allowed_from   = var.api_allowed_from
  backup_bucket      = var.backup_bucket
  backup_region      = var.backup_region
  files_bucket       = var.files_bucket
  repository         = var.repository
  domain             = var.domain
  host               = var.host
  public_address     = var.public_address
  alert_emails       = var.alert_emails
}
