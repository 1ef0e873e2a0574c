# PostgreSQL. Backups of every day, and of every minute of the last seven, are DigitalOcean's; deploy/scripts/backup.sh makes
# those that survive the account.
resource "digitalocean_database_cluster" "this" {
  name                 = "${var.name}-pg"
  engine               = "pg"
  version              = var.postgres_version
  size                 = var.size
  region               = var.region
  node_count           = var.nodes
  storage_size_mib     = var.storage_mib
  private_network_uuid = var.vpc_id
  tags                 = var.tags

  maintenance_window {
    day  = "sunday"
    hour = "04:00:00"
  }

  lifecycle {
    prevent_destroy = true
  }
}

resource "digitalocean_database_db" "todo" {
  cluster_id = digitalocean_database_cluster.this.id
  name       = "todo"
}

resource "digitalocean_database_user" "todo" {
  cluster_id = digitalocean_database_cluster.this.id
  name       = "todo"
}

# Nobody but the cluster's machines.
resource "digitalocean_database_firewall" "this" {
  cluster_id = digitalocean_database_cluster.this.id

  rule {
    type  = "k8s"
    value = var.cluster_id
  }
}

# Shares the server's connections among more processes than it has connections for.
resource "digitalocean_database_connection_pool" "todo" {
  count = var.pool_size > 0 ? 1 : 0

  cluster_id = digitalocean_database_cluster.this.id
  name       = "todo-pool"
  mode       = "transaction"
  size       = var.pool_size
  db_name    = digitalocean_database_db.todo.name
  user       = digitalocean_database_user.todo.name
}

locals {
  credentials = "${digitalocean_database_user.todo.name}:${urlencode(digitalocean_database_user.todo.password)}"
  host        = digitalocean_database_cluster.this.private_host
  direct_url  = "postgres://${local.credentials}@${local.host}:${digitalocean_database_cluster.this.port}/${digitalocean_database_db.todo.name}?sslmode=require"
  pool_urls = [
    for pool in digitalocean_database_connection_pool.todo :
    "postgres://${local.credentials}@${pool.private_host}:${pool.port}/${pool.name}?sslmode=require"
  ]
}
