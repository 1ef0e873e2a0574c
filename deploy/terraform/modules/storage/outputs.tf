output "bucket" {
  description = "The bucket, for --upload of backup.sh."
  value       = "s3://${digitalocean_spaces_bucket.backups.name}"
}

output "endpoint" {
  description = "S3_ENDPOINT of backup.sh."
  value       = "https://${digitalocean_spaces_bucket.backups.endpoint}"
}

output "credentials" {
  description = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for this bucket."
  sensitive   = true
  value = {
    AWS_ACCESS_KEY_ID     = digitalocean_spaces_key.backups.access_key
    AWS_SECRET_ACCESS_KEY = digitalocean_spaces_key.backups.secret_key
  }
}

output "urn" {
  description = "Its name in a project."
  value       = digitalocean_spaces_bucket.backups.urn
}
