# Where the files are that people attach to tasks. Private: they reach people through the application only.
resource "digitalocean_spaces_bucket" "files" {
  name          = var.name
  region        = var.region
  acl           = "private"
  force_destroy = false

  # A file that somebody removes by mistake can be brought back for a while.
  versioning {
    enabled = true
  }

  lifecycle_rule {
    id                                     = "removed-files"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 1

    noncurrent_version_expiration {
      days = var.keep_days
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Opens this bucket and nothing else.
resource "digitalocean_spaces_key" "files" {
  name = "${var.name}-todo"

  grant {
    bucket     = digitalocean_spaces_bucket.files.name
    permission = "readwrite"
  }
}
