# The lake's bucket: versioned, encrypted with a key of its own, closed to the public and to plain HTTP.

data "aws_caller_identity" "here" {}
data "aws_partition" "here" {}

locals {
  account   = data.aws_caller_identity.here.account_id
  partition = data.aws_partition.here.partition
  bucket    = "${var.name}-lake-${local.account}"
  arn       = "arn:${local.partition}:s3:::${local.bucket}"
}

resource "aws_s3_bucket" "lake" {
  #checkov:skip=CKV_AWS_144:one region is enough: raw files can be delivered again and all else is made of them; versions guard against mistakes
  #checkov:skip=CKV2_AWS_62:nothing waits for new objects: workflows are started by people and schedules; module raw_events adds events where they are wanted
  bucket        = local.bucket
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_versioning" "lake" {
  bucket = aws_s3_bucket.lake.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    # One request to KMS for many objects.
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.lake.arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "lake" {
  bucket = aws_s3_bucket.lake.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "lake" {
  bucket = aws_s3_bucket.lake.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_logging" "lake" {
  bucket = aws_s3_bucket.lake.id

  target_bucket = aws_s3_bucket.access_logs.id
  target_prefix = "lake/"

  # S3 asks whether it may write there.
  depends_on = [aws_s3_bucket_policy.access_logs]
}

resource "aws_s3_bucket_policy" "lake" {
  bucket = aws_s3_bucket.lake.id
  policy = local.bucket_policies.lake

  depends_on = [aws_s3_bucket_public_access_block.lake]
}
