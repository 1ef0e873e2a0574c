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

variable "postgres_version" {
  description = "PostgreSQL's major version."
  type        = string

  validation {
    condition     = contains(["15", "16", "17", "18"], var.postgres_version)
    error_message = "postgres_version must be 15, 16, 17 or 18."
  }
}

variable "size" {
  description = "The size of its machines, as `doctl databases options slugs --engine pg` names it."
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

variable "storage_mib" {
  description = "Its disk in MiB, within what the size allows. null: the size's own."
  type        = number
  default     = null
}

variable "pool_size" {
  description = "Connections that PgBouncer shares out. 0: no pool, every process connects by itself."
  type        = number

  validation {
    condition     = var.pool_size >= 0
    error_message = "pool_size must not be negative."
  }
}

variable "tags" {
  description = "Its tags."
  type        = list(string)
}
