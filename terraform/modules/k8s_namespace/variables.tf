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

variable "cpu" {
  description = "How many cores all containers together may ask for."
  type        = number

  validation {
    condition     = var.cpu >= 1 && floor(var.cpu) == var.cpu
    error_message = "The cores are a whole number from 1."
  }
}

variable "memory_gib" {
  description = "How much memory all containers together may ask for, in GiB."
  type        = number

  validation {
    condition     = var.memory_gib >= 1 && floor(var.memory_gib) == var.memory_gib
    error_message = "The memory is a whole number of GiB from 1."
  }
}

variable "pods" {
  description = "How many pods there may be."
  type        = number

  validation {
    condition     = var.pods >= 1 && floor(var.pods) == var.pods
    error_message = "The pods are a whole number from 1."
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
