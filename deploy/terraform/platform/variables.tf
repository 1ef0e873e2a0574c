variable "cluster" {
  description = "The cluster's name: the output cluster of its environment."
  type        = string
}

variable "without" {
  description = "Charts of deploy/platform/charts.json that are not wanted, such as strimzi-kafka-operator where Kafka is managed."
  type        = set(string)
  default     = []

  validation {
    condition     = !contains(var.without, "kube-prometheus-stack")
    error_message = "The alerts need kube-prometheus-stack."
  }
}
