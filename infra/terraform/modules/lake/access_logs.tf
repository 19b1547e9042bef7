# Who read and wrote what in the lake.

locals {
  access_logs     = "${var.name}-lake-logs-${local.account}"
  access_logs_arn = "arn:${local.partition}:s3:::${local.access_logs}"
}

# The bucket of the logs: logging it into itself would never end, and nobody replaces a log.
#trivy:ignore:AWS-0089
#trivy:ignore:AWS-0090
resource "aws_s3_bucket" "access_logs" {
  #checkov:skip=CKV_AWS_18:it is the bucket of the logs: logging it into itself would never end
  #checkov:skip=CKV_AWS_21:each log is an object of its own that nobody replaces
  #checkov:skip=CKV_AWS_144:logs of one region stay in it
  #checkov:skip=CKV_AWS_145:S3 delivers access logs only into buckets with its own encryption (SSE-S3)
  #checkov:skip=CKV2_AWS_62:nothing waits for new logs
  bucket        = local.access_logs
  force_destroy = var.force_destroy
  tags          = var.tags
}

# S3 delivers access logs only into buckets with its own encryption (SSE-S3).
#trivy:ignore:AWS-0132
resource "aws_s3_bucket_server_side_encryption_configuration" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_s3_bucket_public_access_block" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_policy" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id
  policy = local.bucket_policies.access_logs

  depends_on = [aws_s3_bucket_public_access_block.access_logs]
}

resource "aws_s3_bucket_lifecycle_configuration" "access_logs" {
  bucket = aws_s3_bucket.access_logs.id

  rule {
    id     = "logs-expire"
    status = "Enabled"

    filter {}

    expiration {
      days = var.access_log_days
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 1
    }
  }
}
