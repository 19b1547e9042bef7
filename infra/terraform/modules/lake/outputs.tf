output "bucket_name" {
  description = "The lake's bucket."
  value       = aws_s3_bucket.lake.id
}

output "bucket_arn" {
  description = "Its ARN."
  value       = local.arn
}

output "kms_key_arn" {
  description = "The key that encrypts it: lake.kms_key of aws.yaml."
  value       = aws_kms_key.lake.arn
}

output "prefix" {
  description = "The prefix of the lake's keys."
  value       = var.prefix
}

output "url" {
  description = "The lake for the program: SPANISHGAS_LAKE."
  value       = "s3://${aws_s3_bucket.lake.id}/${var.prefix}"
}
