# Where backup.sh puts its files. Its region is another one than the database's: a region that is lost takes no backup along.
resource "digitalocean_spaces_bucket" "backups" {
  name          = var.name
  region        = var.region
  acl           = "private"
  force_destroy = false

  # A backup that somebody overwrites or deletes is still there for a while.
  versioning {
    enabled = true
  }

  lifecycle_rule {
    id                                     = "old-backups"
    enabled                                = true
    abort_incomplete_multipart_upload_days = 1

    expiration {
      days = var.keep_days
    }

    noncurrent_version_expiration {
      days = 30
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Opens this bucket and nothing else.
resource "digitalocean_spaces_key" "backups" {
  name = "${var.name}-writer"

  grant {
    bucket     = digitalocean_spaces_bucket.backups.name
    permission = "readwrite"
  }
}
