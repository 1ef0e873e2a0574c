output "repository" {
  description = "repository of the environments."
  value       = module.registry.repository
}

output "domain" {
  description = "domain of the environments."
  value       = digitalocean_domain.this.name
}
