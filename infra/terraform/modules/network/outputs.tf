output "vpc_id" {
  description = "The network."
  value       = local.made ? aws_vpc.this[0].id : var.existing.vpc_id
}

output "vpc_cidr" {
  description = "Its addresses."
  value       = local.made ? aws_vpc.this[0].cidr_block : data.aws_vpc.existing[0].cidr_block
}

output "private_subnet_ids" {
  description = "Where containers and databases run."
  value       = local.made ? [for zone in var.availability_zones : aws_subnet.private[zone].id] : var.existing.private_subnet_ids
}

output "public_subnet_ids" {
  description = "Where a load balancer stands."
  value       = local.made ? [for zone in var.availability_zones : aws_subnet.public[zone].id] : var.existing.public_subnet_ids
}

output "endpoint_security_group_id" {
  description = "The group of the endpoints of AWS services; null in a network that was there already."
  value       = one(aws_security_group.endpoints[*].id)
}

output "s3_prefix_list_id" {
  description = "The addresses of S3, for rules of security groups; null in a network that was there already."
  value       = one(aws_vpc_endpoint.s3[*].prefix_list_id)
}
