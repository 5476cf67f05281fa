output "namespace" {
  description = "The namespace's name."
  value       = kubernetes_namespace_v1.this.metadata[0].name
}
