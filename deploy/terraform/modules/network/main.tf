# The private network that the cluster and the databases share.
resource "digitalocean_vpc" "this" {
  name        = var.name
  region      = var.region
  ip_range    = var.ip_range
  description = "Todo, ${var.name}"
}
