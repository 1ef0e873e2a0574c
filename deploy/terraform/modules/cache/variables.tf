variable "name" {
  description = "What the environment is called."
  type        = string
}

variable "region" {
  description = "DigitalOcean's name of the region, such as fra1."
  type        = string
}

variable "vpc_id" {
  description = "The id of the private network that it is in."
  type        = string
}

variable "cluster_id" {
  description = "The Kubernetes cluster that may connect."
  type        = string
}

variable "size" {
  description = "The size of its machines, as `doctl databases options slugs --engine valkey` names it."
  type        = string
}

variable "nodes" {
  description = "1, or 2 or 3 with standbys that take over."
  type        = number

  validation {
    condition     = contains([1, 2, 3], var.nodes)
    error_message = "nodes must be 1, 2 or 3."
  }
}

variable "tags" {
  description = "Its tags."
  type        = list(string)
}
