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
  description = "The size of its machines, as `doctl databases options slugs --engine kafka` names it."
  type        = string
}

variable "storage_mib" {
  description = "The disk of all three together in MiB, within what the size allows. null: the size's own."
  type        = number
  default     = null
}

variable "topics" {
  description = "Its topics by name. retention_ms is in milliseconds, as text: DigitalOcean's API takes it so."
  type = map(object({
    partitions   = number
    retention_ms = string
  }))

  validation {
    condition     = alltrue([for topic in values(var.topics) : topic.partitions >= 3 && can(tonumber(topic.retention_ms))])
    error_message = "DigitalOcean's topics have at least 3 partitions, and retention_ms is a number."
  }
}

variable "tags" {
  description = "Its tags."
  type        = list(string)
}
