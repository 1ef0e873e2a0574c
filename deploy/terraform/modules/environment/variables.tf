variable "name" {
  description = "What the environment is called: dev, staging or prod."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,20}$", var.name))
    error_message = "name must consist of small letters, digits and hyphens."
  }
}

variable "purpose" {
  description = "What DigitalOcean shows: Development, Staging or Production."
  type        = string

  validation {
    condition     = contains(["Development", "Staging", "Production"], var.purpose)
    error_message = "purpose must be Development, Staging or Production."
  }
}

variable "region" {
  description = "Where everything runs, such as fra1. It must have Kubernetes and databases."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{3}[0-9]$", var.region))
    error_message = "region must be one of DigitalOcean's, such as fra1."
  }
}

variable "network_range" {
  description = "The addresses of the private network, different in each environment."
  type        = string
}

variable "pod_range" {
  description = "The addresses of pods, different in each environment. They cannot be changed later."
  type        = string
}

variable "service_range" {
  description = "The addresses of services, different in each environment. They cannot be changed later."
  type        = string
}

variable "kubernetes_minor" {
  description = "Kubernetes' minor version, 1.33 or later."
  type        = string
}

variable "highly_available" {
  description = "Whether Kubernetes' control plane runs several times. It cannot be taken back."
  type        = bool
}

variable "api_allowed_from" {
  description = "Addresses, in CIDR notation, that may reach Kubernetes' API. Empty: everybody who has credentials."
  type        = list(string)
  default     = []
}

variable "node_size" {
  description = "The size of the machines that run the application."
  type        = string
}

variable "min_nodes" {
  description = "The fewest of these machines."
  type        = number
}

variable "max_nodes" {
  description = "The most of these machines."
  type        = number
}

variable "postgres_version" {
  description = "PostgreSQL's major version."
  type        = string
  default     = "17"
}

variable "database_size" {
  description = "The size of PostgreSQL's machines."
  type        = string
}

variable "database_nodes" {
  description = "1, or 2 or 3 with standbys."
  type        = number
}

variable "database_storage_mib" {
  description = "PostgreSQL's disk in MiB. null: the size's own."
  type        = number
  default     = null
}

variable "database_pool_size" {
  description = "Connections that PgBouncer shares out. 0: no pool."
  type        = number
  default     = 0
}

variable "managed_cache" {
  description = "Whether Valkey is DigitalOcean's. Otherwise the chart brings one server along."
  type        = bool
}

variable "cache_size" {
  description = "The size of Valkey's machines."
  type        = string
  default     = "db-s-1vcpu-1gb"
}

variable "cache_nodes" {
  description = "1, or 2 or 3 with standbys."
  type        = number
  default     = 1
}

variable "managed_kafka" {
  description = "Whether Kafka is DigitalOcean's. Otherwise Strimzi runs it in the cluster."
  type        = bool
}

variable "kafka_size" {
  description = "The size of managed Kafka's three machines."
  type        = string
  default     = "db-s-2vcpu-4gb"
}

variable "kafka_storage_mib" {
  description = "Managed Kafka's disk in MiB, all three together. null: the size's own."
  type        = number
  default     = null
}

variable "kafka_partitions" {
  description = "Partitions of each topic of managed Kafka."
  type        = number
  default     = 6

  validation {
    condition     = var.kafka_partitions >= 3
    error_message = "kafka_partitions must be at least 3."
  }
}

variable "backup_bucket" {
  description = "The name of the bucket for backups, unique among all of Spaces in its region."
  type        = string
}

variable "backup_region" {
  description = "Where backups lie: another region than everything else."
  type        = string

  validation {
    condition     = var.backup_region != var.region
    error_message = "backup_region must not be region: a region that is lost would take its backups along."
  }
}

variable "backup_keep_days" {
  description = "Days after which a backup is removed."
  type        = number
  default     = 35
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
