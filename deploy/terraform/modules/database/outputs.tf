output "url" {
  description = "DATABASE_URL: through the pool, where there is one."
  value       = try(local.pool_urls[0], local.direct_url)
  sensitive   = true
}

output "direct_url" {
  description = "Past the pool, for migrations, the relay and backups: all three hold on to a session."
  value       = local.direct_url
  sensitive   = true
}

output "owner_url" {
  description = "The administrator's, for letting its user make tables."
  value       = "postgres://${digitalocean_database_cluster.this.user}:${urlencode(digitalocean_database_cluster.this.password)}@${local.host}:${digitalocean_database_cluster.this.port}/${digitalocean_database_db.todo.name}?sslmode=require"
  sensitive   = true
}

output "ports" {
  description = "The ports that pods must reach."
  value       = distinct(concat([digitalocean_database_cluster.this.port], digitalocean_database_connection_pool.todo[*].port))
}

output "urn" {
  description = "Its name in a project."
  value       = digitalocean_database_cluster.this.urn
}
