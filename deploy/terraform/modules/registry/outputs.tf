output "repository" {
  description = "image.repository of the chart."
  value       = "${digitalocean_container_registry.this.endpoint}/todo-app"
}
