data "aws_caller_identity" "current" {}

locals {
  tags = {
    ManagedBy = "infrautomater"
    RequestId = var.request_id
    TeamId    = var.team_id
  }
}

resource "aws_s3_bucket" "this" {
  bucket        = "${var.name}-${data.aws_caller_identity.current.account_id}"
  force_destroy = false
  tags          = local.tags
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = var.versioning ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.encryption == "aws:kms"

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.encryption
      kms_master_key_id = var.encryption == "aws:kms" && var.kms_key_arn != "" ? var.kms_key_arn : null
    }
  }
}

# Only where something is to expire: the provider waits most of a minute for AWS to have these rules everywhere.
resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = var.expire_days > 0 || var.noncurrent_days > 0 ? 1 : 0

  bucket = aws_s3_bucket.this.id

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = var.expire_days > 0 ? [var.expire_days] : []

    content {
      id     = "expire"
      status = "Enabled"

      filter {}

      expiration {
        days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = var.noncurrent_days > 0 ? [var.noncurrent_days] : []

    content {
      id     = "expire-former-versions"
      status = "Enabled"

      filter {}

      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }
    }
  }

  # Rules for versions are accepted once versioning is set.
  depends_on = [aws_s3_bucket_versioning.this]
}
