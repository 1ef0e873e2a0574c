output "versions" {
  description = "What is installed, by chart."
  value       = { for name, release in helm_release.this : name => release.version }
}
