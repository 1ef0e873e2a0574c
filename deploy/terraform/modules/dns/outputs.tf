output "host" {
  description = "The name that people type."
  value       = var.host
}
