output "brokers" {
  description = "kafka.external.brokers of the chart."
  value       = "${digitalocean_database_cluster.this.private_host}:${digitalocean_database_cluster.this.port}"
}

output "port" {
  description = "The port that pods must reach."
  value       = digitalocean_database_cluster.this.port
}

output "secret_settings" {
  description = "What the chart looks for in the Secret."
  sensitive   = true
  value = {
    KAFKA_USERNAME = digitalocean_database_user.todo.name
    KAFKA_PASSWORD = digitalocean_database_user.todo.password
    KAFKA_CA       = data.digitalocean_database_ca.this.certificate
  }
}

output "urn" {
  description = "Its name in a project."
  value       = digitalocean_database_cluster.this.urn
}
