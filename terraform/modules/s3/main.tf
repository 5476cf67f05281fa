data "aws_caller_identity" "current" {}

locals {
  tags = {
    ManagedBy = "infrautomater"
    RequestId = var.request_id
    TeamId    = var.team_id
  }

  only_with_tls = {
    Sid       = "OnlyWithTls"
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  }

  anybody_reads = {
    Sid       = "AnybodyReads"
    Effect    = "Allow"
    Principal = "*"
    Action    = "s3:GetObject"
    Resource  = "${aws_s3_bucket.this.arn}/*"
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
  block_public_policy     = !var.public
  ignore_public_acls      = true
  restrict_public_buckets = !var.public
}

# Nobody comes in without TLS; anybody may read where the bucket is public. Reading is all: no list, no write, no ACL.
resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat([local.only_with_tls], var.public ? [local.anybody_reads] : [])
  })

  # A policy that opens a bucket is taken only where the block is lifted.
  depends_on = [aws_s3_bucket_public_access_block.this]
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

  rule {
    id     = "unfinished-uploads"
    status = "Enabled"

    filter {}

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  # Rules for versions are accepted once versioning is set.
  depends_on = [aws_s3_bucket_versioning.this]
}
