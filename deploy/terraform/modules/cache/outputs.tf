output "url" {
  description = "REDIS_URL."
  value       = "rediss://${digitalocean_database_cluster.this.user}:${urlencode(digitalocean_database_cluster.this.password)}@${local.address}/0"
  sensitive   = true
}

output "password" {
  description = "REDIS_PASSWORD, for Dapr."
  value       = digitalocean_database_cluster.this.password
  sensitive   = true
}

output "address" {
  description = "redis.address of the chart."
  value       = local.address
}

output "port" {
  description = "The port that pods must reach."
  value       = digitalocean_database_cluster.this.port
}

output "urn" {
  description = "Its name in a project."
  value       = digitalocean_database_cluster.this.urn
}

locals {
  address = "${digitalocean_database_cluster.this.private_host}:${digitalocean_database_cluster.this.port}"
}
