output "cluster" {
  description = "The cluster's name: doctl kubernetes cluster kubeconfig save NAME."
  value       = module.cluster.name
}

output "repository" {
  description = "Where the images are."
  value       = var.repository
}

output "backup_bucket" {
  description = "For --upload of backup.sh."
  value       = module.storage.bucket
}

output "backup_endpoint" {
  description = "S3_ENDPOINT of backup.sh."
  value       = module.storage.endpoint
}

output "backup_credentials" {
  description = "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY of backup.sh."
  value       = module.storage.credentials
  sensitive   = true
}

output "uptime_check" {
  description = "The check from outside: doctl monitoring uptime get ID."
  value       = module.monitoring.check
}

output "owner_url" {
  description = "The database's administrator, for setup-doks.sh."
  value       = module.database.owner_url
  sensitive   = true
}

# What the chart must know of the cloud. setup-doks.sh writes it into a file beside values-doks.yaml or values-doks-managed.yaml.
output "chart_values" {
  description = "Values of the chart todo-app."
  value = {
    image   = { repository = var.repository }
    baseUrl = "https://${module.dns.host}"
    database = {
      directUrlKey = "DATABASE_DIRECT_URL"
    }
    # PgBouncer mixes up statements that were prepared in advance.
    settings = var.database_pool_size > 0 ? { DATABASE_PREPARE_AFTER = "0" } : {}
    redis = var.managed_cache ? {
      builtin = { enabled = false }
      address = module.cache[0].address
      tls     = true
      } : {
      builtin = { enabled = true }
      address = ""
      tls     = false
    }
    kafka = {
      provider = var.managed_kafka ? "external" : "strimzi"
      external = { brokers = join(",", module.kafka[*].brokers) }
    }
    attachments = var.files_bucket == "" ? { bucket = "", endpoint = "", region = "" } : module.files[0].chart_values
    # Managed services are reached inside of the private network only.
    networkPolicy = {
      for service, ports in {
        database = module.database.ports
        redis    = module.cache[*].port
        kafka    = module.kafka[*].port
      } : service => { cidrs = [module.network.ip_range], ports = ports } if length(ports) > 0
    }
  }
}

# What stands in the Secret, beside the keys that setup-doks.sh makes.
output "secret_settings" {
  description = "Settings that are secrets, by name."
  sensitive   = true
  value = merge(
    {
      DATABASE_URL        = module.database.url
      DATABASE_DIRECT_URL = module.database.direct_url
    },
    var.managed_cache ? { REDIS_URL = module.cache[0].url, REDIS_PASSWORD = module.cache[0].password } : {},
    var.managed_kafka ? module.kafka[0].secret_settings : {},
    var.files_bucket == "" ? {} : module.files[0].secret_settings,
  )
}
