variable "registry" {
  description = "The registry's name, unique among all of DigitalOcean."
  type        = string
}

variable "registry_tier" {
  description = "What is subscribed to: starter, basic or professional."
  type        = string
  default     = "basic"
}

variable "region" {
  description = "Where the images lie."
  type        = string
  default     = "fra1"
}

variable "domain" {
  description = "The domain. Its registrar must name ns1, ns2 and ns3.digitalocean.com as its name servers."
  type        = string

  validation {
    condition     = can(regex("^([a-z0-9-]+\\.)+[a-z]{2,}$", var.domain))
    error_message = "domain must be a domain, such as example.com."
  }
}
