# Managed Kafka, for those who would rather not look after brokers themselves (kafka.provider: external in the chart).
resource "digitalocean_database_cluster" "this" {
  name                 = "${var.name}-kafka"
  engine               = "kafka"
  version              = "3.8"
  size                 = var.size
  region               = var.region
  node_count           = 3
  storage_size_mib     = var.storage_mib
  private_network_uuid = var.vpc_id
  tags                 = var.tags

  maintenance_window {
    day  = "sunday"
    hour = "06:00:00"
  }
}

resource "digitalocean_database_kafka_topic" "this" {
  for_each = var.topics

  cluster_id         = digitalocean_database_cluster.this.id
  name               = each.key
  partition_count    = each.value.partitions
  replication_factor = 3

  config {
    cleanup_policy      = "delete"
    min_insync_replicas = 2
    retention_ms        = each.value.retention_ms
  }
}

# What Dapr may do: write, read, and commit how far it has read.
resource "digitalocean_database_user" "todo" {
  cluster_id = digitalocean_database_cluster.this.id
  name       = "todo"

  settings {
    dynamic "acl" {
      for_each = var.topics
      content {
        topic      = acl.key
        permission = "produceconsume"
      }
    }
  }
}

resource "digitalocean_database_firewall" "this" {
  cluster_id = digitalocean_database_cluster.this.id

  rule {
    type  = "k8s"
    value = var.cluster_id
  }
}

data "digitalocean_database_ca" "this" {
  cluster_id = digitalocean_database_cluster.this.id
}
