output "endpoint" {
  description = "Host and port to connect to."
  value       = aws_db_instance.this.endpoint
}

output "database" {
  description = "The database on the server."
  value       = aws_db_instance.this.db_name
}

output "username" {
  description = "The user to connect as."
  value       = aws_db_instance.this.username
}

output "secret_arn" {
  description = "The secret that holds the password."
  value       = aws_secretsmanager_secret.password.arn
}
