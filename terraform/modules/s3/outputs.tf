output "bucket" {
  description = "The bucket's name."
  value       = aws_s3_bucket.this.id
}

output "arn" {
  description = "The bucket's ARN, for policies."
  value       = aws_s3_bucket.this.arn
}

output "region" {
  description = "Where the bucket is."
  value       = aws_s3_bucket.this.region
}
