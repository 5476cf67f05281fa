output "endpoint" {
  description = "Where the instance would answer."
  value       = "${terraform_data.instance.output.name}.${var.team_id}.sandbox.invalid"
}

output "message" {
  description = "The message, as it was given."
  value       = terraform_data.instance.output.message
}

output "secret_note" {
  description = "Something that nobody but the state may see."
  value       = "for-your-eyes-only-${terraform_data.instance.id}"
  sensitive   = true
}
