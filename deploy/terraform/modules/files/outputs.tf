output "chart_values" {
  description = "attachments of the chart."
  value = {
    bucket   = digitalocean_spaces_bucket.files.name
    endpoint = "https://${digitalocean_spaces_bucket.files.endpoint}"
    region   = var.region
  }
}

output "secret_settings" {
  description = "Settings that are secrets, by name."
  sensitive   = true
  value = {
    ATTACHMENTS_ACCESS_KEY = digitalocean_spaces_key.files.access_key
    ATTACHMENTS_SECRET_KEY = digitalocean_spaces_key.files.secret_key
  }
}

output "urn" {
  description = "Its name in a project."
  value       = digitalocean_spaces_bucket.files.urn
}
