# What the account has once, for all environments: the registry and the domain.
module "registry" {
  source = "../modules/registry"

  name   = var.registry
  region = var.region
  tier   = var.registry_tier
}

resource "digitalocean_domain" "this" {
  name = var.domain
}
