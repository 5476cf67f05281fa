locals {
  tags = {
    ManagedBy = "infrautomater"
    RequestId = var.request_id
    TeamId    = trim(var.team_id, "-_") # a label's value ends in a letter or digit
  }

  group     = var.team_group == "" ? null : replace(var.team_group, "{team}", var.team_id)
  namespace = kubernetes_namespace_v1.this.metadata[0].name
}

resource "kubernetes_namespace_v1" "this" {
  metadata {
    name        = var.name
    annotations = var.annotations

    # Ours come last: a requester cannot take another team's name or a laxer standard.
    labels = merge(var.labels, { "pod-security.kubernetes.io/enforce" = var.pod_security }, local.tags)
  }

  # With it goes all that runs in it, which may take its time to end.
  timeouts {
    delete = "15m"
  }
}

resource "kubernetes_resource_quota_v1" "this" {
  count = var.quota == null ? 0 : 1

  metadata {
    name      = "quota"
    namespace = local.namespace
    labels    = local.tags
  }

  spec {
    hard = {
      "requests.cpu"    = tostring(var.quota.cpu)
      "requests.memory" = "${var.quota.memory_gib}Gi"
      "limits.cpu"      = tostring(var.quota.cpu * 2)
      "limits.memory"   = "${var.quota.memory_gib * 2}Gi"
      "pods"            = tostring(var.quota.pods)
      "services"        = tostring(var.quota.services)
    }
  }
}

# Under a quota a container that asks for nothing is refused; these are what it is taken to ask for.
resource "kubernetes_limit_range_v1" "this" {
  count = var.limit_range ? 1 : 0

  metadata {
    name      = "defaults"
    namespace = local.namespace
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

# Policies add up: whatever another one allows stays allowed
# (https://kubernetes.io/docs/concepts/services-networking/network-policies/#default-policies).
resource "kubernetes_network_policy_v1" "default_deny" {
  count = var.default_deny == "none" ? 0 : 1

  metadata {
    name      = "default-deny"
    namespace = local.namespace
    labels    = local.tags
  }

  spec {
    policy_types = var.default_deny == "all" ? ["Ingress", "Egress"] : ["Ingress"]

    pod_selector {}

    # Without names nothing finds even what it may reach.
    dynamic "egress" {
      for_each = var.default_deny == "all" ? [var.dns_namespace] : []

      content {
        ports {
          port     = "53"
          protocol = "UDP"
        }

        ports {
          port     = "53"
          protocol = "TCP"
        }

        to {
          namespace_selector {
            match_labels = { "kubernetes.io/metadata.name" = egress.value }
          }
        }
      }
    }
  }
}

resource "kubernetes_role_binding_v1" "team" {
  count = local.group == null ? 0 : 1

  metadata {
    name      = "team"
    namespace = local.namespace
    labels    = local.tags
  }

  role_ref {
    api_group = "rbac.authorization.k8s.io"
    kind      = "ClusterRole"
    name      = var.team_role
  }

  subject {
    api_group = "rbac.authorization.k8s.io"
    kind      = "Group"
    name      = local.group
  }
}
