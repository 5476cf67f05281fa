locals {
  tags = {
    ManagedBy = "infrautomater"
    RequestId = var.request_id
    TeamId    = var.team_id
  }

  kms_key_arn   = var.kms_key_arn == "" ? null : var.kms_key_arn
  secret_prefix = "${var.request_id}-"

  # AWS may raise what was not asked for: with "16" it chooses the minor version, with "16.3" another one would be undone.
  version_parts = length(compact(split(".", var.engine_version)))
  is_exact      = local.version_parts > (var.engine == "postgres" ? 1 : 2)
}

# The name has a suffix, since Secrets Manager keeps a deleted secret's name for its days of recovery.
resource "aws_secretsmanager_secret" "password" {
  name_prefix             = local.secret_prefix
  description             = "The password of ${var.name}."
  kms_key_id              = local.kms_key_arn
  recovery_window_in_days = var.secret_recovery_days
  tags                    = local.tags
}

# The only reader of var.password. A run that is tried again brings another value: the database must follow what the
# secret store holds, not the variable, or the two would differ.
resource "aws_secretsmanager_secret_version" "password" {
  secret_id                = aws_secretsmanager_secret.password.id
  secret_string_wo         = var.password
  secret_string_wo_version = var.password_version
}

ephemeral "aws_secretsmanager_secret_version" "password" {
  secret_id  = aws_secretsmanager_secret_version.password.secret_id
  version_id = aws_secretsmanager_secret_version.password.version_id
}

# Made with the database and replaced with it: its id sets this database's last snapshot apart from that of any other
# database which had this name before, or will have it.
resource "terraform_data" "life" {
  triggers_replace = [var.engine, var.db_name, var.username, var.kms_key_arn]
}

resource "aws_db_instance" "this" {
  identifier = var.name
  db_name    = var.db_name

  engine                      = var.engine
  engine_version              = var.engine_version == "" ? null : var.engine_version
  allow_major_version_upgrade = var.allow_major_version_upgrade
  auto_minor_version_upgrade  = !local.is_exact
  instance_class              = var.instance_class
  multi_az                    = var.multi_az

  allocated_storage     = var.allocated_storage
  max_allocated_storage = var.max_allocated_storage
  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = local.kms_key_arn

  username            = var.username
  password_wo         = ephemeral.aws_secretsmanager_secret_version.password.secret_string
  password_wo_version = var.password_version

  publicly_accessible    = var.publicly_accessible
  db_subnet_group_name   = var.subnet_group_name == "" ? null : var.subnet_group_name
  vpc_security_group_ids = length(var.security_group_ids) == 0 ? null : var.security_group_ids

  backup_retention_period   = var.backup_retention_days
  maintenance_window        = var.maintenance_window == "" ? null : var.maintenance_window
  copy_tags_to_snapshot     = true
  deletion_protection       = var.deletion_protection
  skip_final_snapshot       = var.skip_final_snapshot
  final_snapshot_identifier = "${var.name}-final-${terraform_data.life.id}"

  # What was reviewed happens when it is merged, not in next week's maintenance window.
  apply_immediately = true

  tags = local.tags
}
