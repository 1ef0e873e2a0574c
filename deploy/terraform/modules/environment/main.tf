# Everything that one environment consists of. The roots in environments/ differ in nothing but what they pass in.
locals {
  tags = ["todo", "todo-${var.name}"]
  name = "todo-${var.name}"
  # Of deploy/dapr/subscriptions.yaml: the topics, and for each one for what nobody could read.
  topics = {
    for pair in setproduct(["task-events", "user-events", "notification-events"], ["", "-dlq"]) : "${pair[0]}${pair[1]}" => {
      partitions   = var.kafka_partitions
      retention_ms = pair[1] == "" ? "604800000" : "2592000000"
    }
  }
}

module "network" {
  source = "../network"

  name     = local.name
  region   = var.region
  ip_range = var.network_range
}

module "cluster" {
  source = "../cluster"

  name             = local.name
  region           = var.region
  vpc_id           = module.network.id
  kubernetes_minor = var.kubernetes_minor
  pod_range        = var.pod_range
  service_range    = var.service_range
  highly_available = var.highly_available
  api_allowed_from = var.api_allowed_from
  node_size        = var.node_size
  min_nodes        = var.min_nodes
  max_nodes        = var.max_nodes
  tags             = local.tags
}

module "database" {
  source = "../database"

  name             = local.name
  region           = var.region
  vpc_id           = module.network.id
  cluster_id       = module.cluster.id
  postgres_version = var.postgres_version
  size             = var.database_size
  nodes            = var.database_nodes
  storage_mib      = var.database_storage_mib
  pool_size        = var.database_pool_size
  tags             = local.tags
}

module "cache" {
  source = "../cache"
  count  = var.managed_cache ? 1 : 0

  name       = local.name
  region     = var.region
  vpc_id     = module.network.id
  cluster_id = module.cluster.id
  size       = var.cache_size
  nodes      = var.cache_nodes
  tags       = local.tags
}

module "kafka" {
  source = "../kafka"
  count  = var.managed_kafka ? 1 : 0

  name        = local.name
  region      = var.region
  vpc_id      = module.network.id
  cluster_id  = module.cluster.id
  size        = var.kafka_size
  storage_mib = var.kafka_storage_mib
  topics      = local.topics
  tags        = local.tags
}

module "storage" {
  source = "../storage"

  name      = var.backup_bucket
  region    = var.backup_region
  keep_days = var.backup_keep_days
}

module "files" {
  source = "../files"
  count  = var.files_bucket == "" ? 0 : 1

  name      = var.files_bucket
  region    = var.region
  keep_days = var.backup_keep_days
}

module "dns" {
  source = "../dns"

  domain  = var.domain
  host    = var.host
  address = var.public_address
}

module "monitoring" {
  source = "../monitoring"

  name         = local.name
  host         = module.dns.host
  enabled      = var.public_address != ""
  emails       = var.alert_emails
  machine_tags = [local.tags[1]]
}

# Costs are shown by project.
resource "digitalocean_project" "this" {
  name        = local.name
  description = "Todo, ${var.name}"
  purpose     = "Web Application"
  environment = var.purpose
  resources = concat(
    [module.cluster.urn, module.database.urn, module.storage.urn],
    module.cache[*].urn,
    module.kafka[*].urn,
    module.files[*].urn,
  )
}
