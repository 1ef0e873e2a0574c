variable "name" {
  description = "The registry's name, unique among all of DigitalOcean."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,62}$", var.name))
    error_message = "name must consist of small letters, digits and hyphens."
  }
}

variable "region" {
  description = "Where the images lie, such as fra1."
  type        = string
}

variable "tier" {
  description = "What is subscribed to: starter, basic or professional."
  type        = string

  validation {
    condition     = contains(["starter", "basic", "professional"], var.tier)
    error_message = "tier must be starter, basic or professional."
  }
}
