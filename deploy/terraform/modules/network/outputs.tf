output "id" {
  description = "The network's id."
  value       = digitalocean_vpc.this.id
}

output "ip_range" {
  description = "Its addresses, in CIDR notation."
  value       = digitalocean_vpc.this.ip_range
}
