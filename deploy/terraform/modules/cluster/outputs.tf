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

output "pod_range" {
  description = "The addresses of its pods."
  value       = digitalocean_kubernetes_cluster.this.cluster_subnet
}
