variable "region" {
  description = "Where everything runs, such as fra1. It must have Kubernetes and databases."
  type        = string
  default     = "fra1"

  validation {
    condition     = can(regex("^[a-z]{3}[0-9]$", var.region))
    error_message = "region must be one of DigitalOcean's, such as fra1."
  }
}

variable "kubernetes_minor" {
  description = "Kubernetes' minor version: doctl kubernetes options versions."
  type        = string
  default     = "1.34"
}

variable "api_allowed_from" {
  description = "Addresses, in CIDR notation, that may reach Kubernetes' API. Empty: everybody who has credentials."
  type        = list(string)
  default     = []
}

variable "backup_bucket" {
  description = "The name of the bucket for backups, unique among all of Spaces in its region."
  type        = string
}

variable "backup_region" {
  description = "Where backups lie: another region than everything else."
  type        = string
  default     = "ams3"
}

variable "files_bucket" {
  description = "The name of the bucket for files that people attach, unique among all of Spaces in its region. Empty: nobody can attach any."
  type        = string
  default     = ""
}

variable "repository" {
  description = "image.repository of the chart: the output repository of the account root."
  type        = string
}

variable "domain" {
  description = "The domain, which the account root manages."
  type        = string
}

variable "host" {
  description = "The whole name that people type."
  type        = string
}

variable "public_address" {
  description = "The load balancer's address, once it is known. Empty: no record, no alarm."
  type        = string
  default     = ""
}

variable "alert_emails" {
  description = "Who is told when something is down. The addresses must be confirmed in the account."
  type        = list(string)
}
