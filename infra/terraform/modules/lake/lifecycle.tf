# What goes by itself, and when. Below models/ nothing goes, and no pointer does: no rule has a prefix that any of them
# begins with, but for the one on unfinished uploads, and the bucket lets nobody mark them. `tests/lake.tftest.hcl` holds this.

locals {
  # What mark-history.py puts on what no pointer names.
  history_tag = { key = "lake", value = "history" }

  # Replaced and deleted objects of these go; they hold no pointer and no model. Of scored/ and monitoring/ only the
  # folders below: beside them lies a latest.json.
  folders = {
    raw             = "raw/"
    bronze          = "bronze/"
    silver          = "silver/"
    gold            = "gold/"
    evaluated       = "evaluated/"
    scores          = "scored/scores/"
    recommendations = "scored/recommendations/"
    drift           = "monitoring/drift/"
    alerts          = "monitoring/alerts/"
    training        = "training/"
    runs            = "runs/"
    settings        = "settings/"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    id     = "unfinished-uploads-end"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }

  rule {
    id     = "bronze-to-infrequent-access"
    status = "Enabled"

    filter {
      prefix = "${var.prefix}/bronze/"
    }

    transition {
      days          = var.bronze_to_ia_days
      storage_class = "STANDARD_IA"
    }
  }

  # S3 tells folders and tags apart, and not what a pointer names: what is published lies among its history. So only what
  # is marked expires, and the bucket's policy lets nothing but tables of scored/ be marked.
  rule {
    id     = "marked-history-of-scored-expires"
    status = "Enabled"

    filter {
      tag {
        key   = local.history_tag.key
        value = local.history_tag.value
      }
    }

    expiration {
      days = var.scored_expire_days
    }
  }

  dynamic "rule" {
    for_each = local.folders

    content {
      id     = "old-versions-of-${rule.key}-go"
      status = "Enabled"

      filter {
        prefix = "${var.prefix}/${rule.value}"
      }

      noncurrent_version_expiration {
        noncurrent_days = var.noncurrent_days
      }

      expiration {
        expired_object_delete_marker = true
      }
    }
  }

  # Rules on old versions mean nothing before there are versions.
  depends_on = [aws_s3_bucket_versioning.lake]
}
