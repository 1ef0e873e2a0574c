variable "name" {
  description = "What the cluster is called."
  type        = string
}

variable "region" {
  description = "DigitalOcean's name of the region, such as fra1."
  type        = string
}

variable "vpc_id" {
  description = "The id of the private network that its machines are in."
  type        = string
}

variable "kubernetes_minor" {
  description = "Kubernetes' minor version, 1.33 or later. The newest patch of it is taken."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]+$", var.kubernetes_minor)) && tonumber(split(".", var.kubernetes_minor)[1]) >= 33
    error_message = "kubernetes_minor must be 1.33 or later: the Gateway of DigitalOcean's clusters needs it."
  }
}

variable "pod_range" {
  description = "The addresses of pods, in CIDR notation. It cannot be changed later."
  type        = string

  validation {
    condition     = can(cidrhost(var.pod_range, 0))
    error_message = "pod_range must be in CIDR notation, such as 10.244.0.0/16."
  }
}

variable "service_range" {
  description = "The addresses of services, in CIDR notation. It cannot be changed later."
  type        = string

  validation {
    condition     = can(cidrhost(var.service_range, 0))
    error_message = "service_range must be in CIDR notation, such as 10.245.0.0/18."
  }
}

variable "highly_available" {
  description = "Whether the control plane runs several times. It cannot be taken back."
  type        = bool
}

variable "api_allowed_from" {
  description = "Addresses, in CIDR notation, that may reach Kubernetes' API. Empty: everybody who has credentials."
  type        = list(string)

  validation {
    condition     = alltrue([for range in var.api_allowed_from : can(cidrhost(range, 0))])
    error_message = "Each entry of api_allowed_from must be in CIDR notation, such as 203.0.113.7/32."
  }
}

variable "node_size" {
  description = "The size of the machines that run the application, as `doctl compute size list` names it."
  type        = string
}

variable "min_nodes" {
  description = "The fewest of these machines."
  type        = number

  validation {
    condition     = var.min_nodes >= 1
    error_message = "min_nodes must be at least 1."
  }
}

variable "max_nodes" {
  description = "The most of these machines."
  type        = number

  validation {
    condition     = var.max_nodes >= var.min_nodes
    error_message = "max_nodes must not be below min_nodes."
  }
}

variable "tags" {
  description = "Tags of the cluster and its machines."
  type        = list(string)
}
