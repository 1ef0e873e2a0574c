output "cluster" {
  description = "The cluster's name."
  value       = module.environment.cluster
}

output "repository" {
  description = "Where the images are."
  value       = module.environment.repository
}

output "backup_bucket" {
  description = "For --upload of backup.sh."
  value       = module.environment.backup_bucket
}

output "backup_endpoint" {
  description = "S3_ENDPOINT of backup.sh."
  value       = module.environment.backup_endpoint
}

output "uptime_check" {
  description = "The check from outside."
  value       = module.environment.uptime_check
}

output "chart_values" {
  description = "Values of the chart todo-app."
  value       = module.environment.chart_values
}

output "backup_credentials" {
  description = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of backup.sh."
  value       = module.environment.backup_credentials
  sensitive   = true
}

output "owner_url" {
  description = "The database's administrator."
  value       = module.environment.owner_url
  sensitive   = true
}

output "secret_settings" {
  description = "Settings that are secrets, by name."
  value       = module.environment.secret_settings
  sensitive   = true
}
