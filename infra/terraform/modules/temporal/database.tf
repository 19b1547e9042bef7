# No password that RDS manages: RDS would change it every week, and the server reads it only at its start.
module "password" {
  source = "./password"
  count  = local.hosted ? 1 : 0

  secret_name      = "${var.name}/temporal/database"
  description      = "The password of Temporal's database"
  password_version = var.self_hosted.database.password_version
  kms_key_arn      = var.kms_key_arn
  recovery_days    = var.secret_recovery_days
  tags             = var.tags
}

resource "aws_db_subnet_group" "temporal" {
  count      = local.hosted ? 1 : 0
  name       = "${var.name}-temporal"
  subnet_ids = var.network.private_subnet_ids
  tags       = var.tags
}

resource "aws_db_parameter_group" "temporal" {
  count       = local.hosted ? 1 : 0
  name        = "${var.name}-temporal"
  family      = "postgres${split(".", var.self_hosted.database.engine_version)[0]}"
  description = "Temporal's database: TLS only"
  tags        = var.tags

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  # What takes more than a second; never the values.
  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }
}

resource "aws_db_instance" "temporal" {
  #checkov:skip=CKV_AWS_118: enhanced monitoring watches the operating system; Performance Insights and the log say what Temporal's few queries do
  #checkov:skip=CKV_AWS_161: Temporal signs in with a password; it cannot make IAM tokens
  #checkov:skip=CKV_AWS_157: multi_az is a variable: prod has it, dev does without
  #checkov:skip=CKV_AWS_293: deletion_protection is a variable: prod has it, dev can be torn down
  count                      = local.hosted ? 1 : 0
  identifier                 = "${var.name}-temporal"
  engine                     = "postgres"
  engine_version             = var.self_hosted.database.engine_version
  instance_class             = var.self_hosted.database.instance_class
  auto_minor_version_upgrade = true

  storage_type          = "gp3"
  allocated_storage     = var.self_hosted.database.storage_gib
  max_allocated_storage = var.self_hosted.database.max_storage_gib
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn

  username            = "temporal"
  password_wo         = module.password[0].password
  password_wo_version = var.self_hosted.database.password_version

  db_subnet_group_name   = aws_db_subnet_group.temporal[0].name
  parameter_group_name   = aws_db_parameter_group.temporal[0].name
  vpc_security_group_ids = [aws_security_group.database[0].id]
  publicly_accessible    = false
  multi_az               = var.self_hosted.database.multi_az
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  backup_retention_period   = var.self_hosted.database.backup_retention_days
  copy_tags_to_snapshot     = true
  deletion_protection       = var.self_hosted.database.deletion_protection
  skip_final_snapshot       = var.self_hosted.database.skip_final_snapshot
  final_snapshot_identifier = var.self_hosted.database.skip_final_snapshot ? null : "${var.name}-temporal-final"

  performance_insights_enabled    = true
  performance_insights_kms_key_id = var.kms_key_arn
  enabled_cloudwatch_logs_exports = ["postgresql", "upgrade"]
  tags                            = var.tags
}
