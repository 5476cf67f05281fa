variable "name" {
  description = "What the instance is called."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9_-]{0,71}$", var.name))
    error_message = "A name begins with a small letter and holds small letters, digits, hyphens and underscores."
  }
}

variable "size" {
  description = "How big the instance pretends to be."
  type        = string
  default     = "small"

  validation {
    condition     = contains(["small", "medium", "large"], var.size)
    error_message = "The size is small, medium or large."
  }
}

variable "message" {
  description = "Any text; comes back as an output, unchanged."
  type        = string
  default     = ""

  validation {
    condition     = length(var.message) <= 2000
    error_message = "The message has at most 2,000 characters."
  }
}

# The number goes into a shell command, which is why it is a number with bounds and not a string.
variable "seconds" {
  description = "How long an apply waits, in seconds."
  type        = number
  default     = 0

  validation {
    condition     = var.seconds >= 0 && var.seconds <= 600 && floor(var.seconds) == var.seconds
    error_message = "The wait is a whole number of seconds from 0 to 600."
  }
}

variable "fail" {
  description = "Whether the apply fails once it has waited."
  type        = bool
  default     = false
}

variable "replicas" {
  description = "How many replicas stand beside the instance."
  type        = number
  default     = 1

  validation {
    condition     = var.replicas >= 1 && var.replicas <= 10 && floor(var.replicas) == var.replicas
    error_message = "There are 1 to 10 replicas."
  }
}

variable "colour" {
  description = "Another colour is another instance."
  type        = string
  default     = "blue"

  validation {
    condition     = contains(["blue", "green", "red"], var.colour)
    error_message = "The colour is blue, green or red."
  }
}

variable "engine" {
  description = "What the instance pretends to run; another engine is another instance."
  type        = string
  default     = "steam"

  validation {
    condition     = contains(["steam", "diesel", "electric"], var.engine)
    error_message = "The engine is steam, diesel or electric."
  }
}

variable "disk" {
  description = "How much disk the instance pretends to have, in GiB."
  type        = number
  default     = 10

  validation {
    condition     = var.disk >= 1 && var.disk <= 1000 && floor(var.disk) == var.disk
    error_message = "The disk is a whole number of GiB from 1 to 1000."
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
