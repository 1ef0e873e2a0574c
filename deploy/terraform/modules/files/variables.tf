variable "name" {
  description = "The bucket's name, unique among all of Spaces in its region."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "A region that has Spaces: that of the cluster."
  type        = string
}

variable "keep_days" {
  description = "Days after which a file that was removed is gone for good."
  type        = number
}
