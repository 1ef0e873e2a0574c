output "id" {
  description = "The cluster's id, which databases let in."
  value       = digitalocean_kubernetes_cluster.this.id
}

output "name" {
  description = "The cluster's name, for doctl."
  value       = digitalocean_kubernetes_cluster.this.name
}

output "urn" {
  description = "The cluster's name in a project."
  value       = digitalocean_kubernetes_cluster.this.urn
}
