output "endpoint" {
  description = "The host to connect to."
  value       = aws_db_instance.this.address
}

output "port" {
  description = "The port to connect to."
  value       = aws_db_instance.this.port
}

output "db_name" {
  description = "The database on the server."
  value       = aws_db_instance.this.db_name
}

output "username" {
  description = "The user to connect as."
  value       = aws_db_instance.this.username
}

output "secret_arn" {
  description = "The secret in Secrets Manager whose value is the password."
  value       = aws_secretsmanager_secret.password.arn
}
