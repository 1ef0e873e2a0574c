# One for the account: every environment runs the same images.
resource "digitalocean_container_registry" "this" {
  name                   = var.name
  subscription_tier_slug = var.tier
  region                 = var.region
}
