output "namespace" {
  description = "The namespace's name."
  value       = local.namespace
}

output "group" {
  description = "The group whose members may work in it; none where the environment names no groups."
  value       = local.group
}
