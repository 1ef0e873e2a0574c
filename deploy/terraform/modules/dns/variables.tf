variable "domain" {
  description = "The domain, which the account root manages."
  type        = string
}

variable "host" {
  description = "The whole name that people type: the domain, or a name in it."
  type        = string

  validation {
    condition     = var.host == var.domain || endswith(var.host, ".${var.domain}")
    error_message = "host must be the domain or a name in it."
  }
}

variable "address" {
  description = "The load balancer's address. Empty: not known yet, no record."
  type        = string

  validation {
    condition     = var.address == "" || can(cidrhost("${var.address}/32", 0))
    error_message = "address must be an IPv4 address."
  }
}
