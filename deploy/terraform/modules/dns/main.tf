# The name that people type. Its address belongs to the load balancer that Kubernetes makes for the Gateway, so it is known only
# after the first deployment.
resource "digitalocean_record" "web" {
  count = var.address == "" ? 0 : 1

  domain = var.domain
  type   = "A"
  name   = var.host == var.domain ? "@" : trimsuffix(var.host, ".${var.domain}")
  value  = var.address
  ttl    = 300
}

# Only Let's Encrypt makes certificates for it.
resource "digitalocean_record" "authority" {
  count = var.address == "" ? 0 : 1

  domain = var.domain
  type   = "CAA"
  name   = digitalocean_record.web[0].name
  value  = "letsencrypt.org."
  flags  = 0
  tag    = "issue"
  ttl    = 3600
}
