variable "name" {
  description = "The bucket's name; the account's number is appended, since bucket names are shared by all of AWS."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{0,48}[a-z0-9]$", var.name))
    error_message = "The name has 2 to 50 small letters, digits and hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "versioning" {
  description = "Whether former versions of an object are kept."
  type        = bool
  default     = true
}

variable "expire_days" {
  description = "After how many days an object is deleted; 0 for never."
  type        = number
  default     = 0

  validation {
    condition     = var.expire_days >= 0 && var.expire_days <= 3650 && floor(var.expire_days) == var.expire_days
    error_message = "Objects expire after 1 to 3650 whole days, or 0 for never."
  }
}

variable "noncurrent_days" {
  description = "After how many days a former version is deleted; 0 for never."
  type        = number
  default     = 0

  validation {
    condition     = var.noncurrent_days >= 0 && var.noncurrent_days <= 3650 && floor(var.noncurrent_days) == var.noncurrent_days
    error_message = "Former versions expire after 1 to 3650 whole days, or 0 for never."
  }
}

variable "encryption" {
  description = "How objects are encrypted: AES256 (keys of S3) or aws:kms (keys of KMS)."
  type        = string
  default     = "AES256"

  validation {
    condition     = contains(["AES256", "aws:kms"], var.encryption)
    error_message = "The encryption is AES256 or aws:kms."
  }
}

variable "public" {
  description = "Whether anybody may read every object by its address."
  type        = bool
  default     = false

  validation {
    condition     = !var.public || var.encryption == "AES256"
    error_message = "A public bucket is encrypted with AES256: who has no account has no KMS key to read with."
  }
}

variable "kms_key_arn" {
  description = "The KMS key where encryption is aws:kms; empty for AWS's own."
  type        = string
  default     = ""
}

variable "request_id" {
  description = "The request that this belongs to: environment.kind.name."
  type        = string
}

variable "team_id" {
  description = "The team that asked for it."
  type        = string
}
