output "repository_url" {
  description = "Where the image is pushed to and pulled from."
  value       = aws_ecr_repository.this.repository_url
}

output "repository_arn" {
  description = "The repository, for policies."
  value       = aws_ecr_repository.this.arn
}

output "model_package_group_name" {
  description = "SageMaker's group of the model: registry.model_package_group of aws.yaml."
  value       = aws_sagemaker_model_package_group.churn.model_package_group_name
}

output "model_package_group_arn" {
  description = "Its ARN."
  value       = aws_sagemaker_model_package_group.churn.arn
}
