output "check" {
  description = "The id of the check from outside."
  value       = digitalocean_uptime_check.web.id
}
