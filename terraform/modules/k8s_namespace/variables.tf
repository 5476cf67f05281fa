variable "name" {
  description = "The namespace's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$", var.name)) && !startswith(var.name, "kube-")
    error_message = "The name has at most 63 small letters, digits and hyphens, begins with a letter, does not end with a hyphen, and does not begin with kube-."
  }
}

# Keys with a domain steer the cluster (pod security, mesh, scheduling) and are the platform's.
variable "labels" {
  description = "Labels of the namespace, by keys without a domain."
  type        = map(string)
  default     = {}

  validation {
    condition = length(var.labels) <= 20 && alltrue([
      for key, value in var.labels :
      can(regex("^[a-z]([a-z0-9._-]{0,61}[a-z0-9])?$", key)) && can(regex("^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$", value))
    ])
    error_message = "There are at most 20 labels; a key is small letters, digits, dots, hyphens and underscores without a domain, a value has at most 63 letters, digits, dots, hyphens and underscores."
  }

  validation {
    condition     = length(setintersection(keys(var.labels), ["name", "istio-injection", "istio-discovery"])) == 0
    error_message = "The labels name, istio-injection and istio-discovery belong to the platform."
  }
}

variable "annotations" {
  description = "Annotations of the namespace, by keys without a domain."
  type        = map(string)
  default     = {}

  validation {
    condition = length(var.annotations) <= 20 && alltrue([
      for key, value in var.annotations :
      can(regex("^[a-z]([a-z0-9._-]{0,61}[a-z0-9])?$", key)) && length(value) <= 1000
    ])
    error_message = "There are at most 20 annotations; a key is small letters, digits, dots, hyphens and underscores without a domain, a value has at most 1,000 characters."
  }
}

variable "pod_security" {
  description = "The Pod Security Standard that is enforced."
  type        = string
  default     = "baseline"

  validation {
    condition     = contains(["privileged", "baseline", "restricted"], var.pod_security)
    error_message = "The standard is privileged, baseline or restricted."
  }
}

variable "quota" {
  description = "What all containers together may ask for (cores, GiB), and how many pods and services there may be; null for no quota."
  default     = null

  type = object({
    cpu        = number
    memory_gib = number
    pods       = number
    services   = number
  })

  validation {
    condition     = var.quota == null ? true : alltrue([for limit in values(var.quota) : limit >= 1 && floor(limit) == limit])
    error_message = "Each limit of the quota is a whole number from 1."
  }
}

variable "limit_range" {
  description = "Whether containers that name none get requests and limits."
  type        = bool
  default     = true
}

variable "default_deny" {
  description = "Which traffic of its pods is refused unless another network policy allows it: none, ingress or all."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "ingress", "all"], var.default_deny)
    error_message = "What is refused is none, ingress or all."
  }
}

variable "dns_namespace" {
  description = "The namespace of the cluster's DNS, which pods reach whatever else is refused."
  type        = string
  default     = "kube-system"
}

variable "team_group" {
  description = "How the identity provider calls a team's group, with {team} for the team; empty for no role binding."
  type        = string
  default     = ""

  validation {
    condition     = var.team_group == "" || strcontains(var.team_group, "{team}")
    error_message = "The group's name holds {team}, or every team could work in every namespace."
  }

  validation {
    condition     = !startswith(var.team_group, "system:")
    error_message = "Groups that begin with system: are Kubernetes' own."
  }
}

variable "team_role" {
  description = "The ClusterRole that the team's group gets, in this namespace alone."
  type        = string
  default     = "edit"

  validation {
    condition     = !contains(["", "cluster-admin"], var.team_role)
    error_message = "The role is named, and is not cluster-admin, which could lift the quota."
  }
}

variable "request_id" {
  description = "The request that this belongs to: environment.kind.name."
  type        = string
}

variable "team_id" {
  description = "The team that asked for it."
  type        = string
}
