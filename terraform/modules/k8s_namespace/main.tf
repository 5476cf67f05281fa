locals {
  tags = {
    ManagedBy = "infrautomater"
    RequestId = var.request_id
    TeamId    = var.team_id
  }
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name        = var.name
    annotations = var.annotations

    # Ours come last: a requester cannot take another team's name or a laxer standard.
    labels = merge(var.labels, { "pod-security.kubernetes.io/enforce" = var.pod_security }, local.tags)
  }
}

resource "kubernetes_resource_quota_v1" "this" {
  metadata {
    name      = "size"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.tags
  }

  spec {
    hard = {
      "requests.cpu"    = tostring(var.cpu)
      "requests.memory" = "${var.memory_gib}Gi"
      "limits.cpu"      = tostring(var.cpu * 2)
      "limits.memory"   = "${var.memory_gib * 2}Gi"
      "pods"            = tostring(var.pods)
    }
  }
}

# Under a quota a container that asks for nothing is refused; these are what it is taken to ask for.
resource "kubernetes_limit_range_v1" "this" {
  metadata {
    name      = "defaults"
    namespace = kubernetes_namespace_v1.this.metadata[0].name
    labels    = local.tags
  }

  spec {
    limit {
      type            = "Container"
      default_request = { cpu = "100m", memory = "128Mi" }
      default         = { cpu = "200m", memory = "256Mi" }
    }
  }
}
