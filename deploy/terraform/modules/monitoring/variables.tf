variable "name" {
  description = "What the environment is called."
  type        = string
}

variable "host" {
  description = "The name that people type."
  type        = string
}

variable "enabled" {
  description = "Whether anybody is told. Off until the first deployment answers."
  type        = bool
}

variable "emails" {
  description = "Who is told. The addresses must be confirmed in the account."
  type        = list(string)

  validation {
    condition     = length(var.emails) > 0 && alltrue([for email in var.emails : strcontains(email, "@")])
    error_message = "emails must name at least one address."
  }
}

variable "machine_tags" {
  description = "The tags by which the cluster's machines are found."
  type        = list(string)
}
