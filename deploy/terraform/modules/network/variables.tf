variable "name" {
  description = "What the network is called."
  type        = string
}

variable "region" {
  description = "DigitalOcean's name of the region, such as fra1."
  type        = string
}

variable "ip_range" {
  description = "Its addresses, in CIDR notation. They may not overlap with any other network of the account."
  type        = string

  validation {
    condition     = can(cidrhost(var.ip_range, 0)) && tonumber(split("/", var.ip_range)[1]) >= 16 && tonumber(split("/", var.ip_range)[1]) <= 24
    error_message = "ip_range must be a network of /16 to /24, such as 10.10.0.0/20."
  }
}
