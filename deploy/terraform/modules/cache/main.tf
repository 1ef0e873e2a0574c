# Valkey, for the queues, the calls between processes, rate limits and Dapr's state.
resource "digitalocean_database_cluster" "this" {
  name                 = "${var.name}-valkey"
  engine               = "valkey"
  version              = "8"
  size                 = var.size
  region               = var.region
  node_count           = var.nodes
  private_network_uuid = var.vpc_id
  tags                 = var.tags

  maintenance_window {
    day  = "sunday"
    hour = "05:00:00"
  }
}

# It holds queues: when its memory is full it refuses a write, which is tried again. Throwing out what is old would lose messages
# without a word.
resource "digitalocean_database_valkey_config" "this" {
  cluster_id              = digitalocean_database_cluster.this.id
  valkey_maxmemory_policy = "noeviction"
  persistence             = "rdb"
  ssl                     = true
}

resource "digitalocean_database_firewall" "this" {
  cluster_id = digitalocean_database_cluster.this.id

  rule {
    type  = "k8s"
    value = var.cluster_id
  }
}
