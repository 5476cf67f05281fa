variable "name" {
  description = "The identifier of the database server."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+)*$", var.name)) && length(var.name) <= 63
    error_message = "The identifier has at most 63 small letters, digits and single hyphens, begins with a letter and does not end with a hyphen."
  }
}

variable "engine" {
  description = "The database engine."
  type        = string

  validation {
    condition     = contains(["postgres", "mysql", "mariadb"], var.engine)
    error_message = "The engine is postgres, mysql or mariadb."
  }
}

variable "engine_version" {
  description = "The engine's version, such as 16 or 16.3; empty for the one that AWS takes by default."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^([0-9]{1,3}([.][0-9]{1,3}){0,2})?$", var.engine_version))
    error_message = "The version is one to three numbers with dots between them, or empty."
  }
}

variable "allow_major_version_upgrade" {
  description = "Whether a change of engine_version may cross a major version."
  type        = bool
  default     = false
}

variable "instance_class" {
  description = "The RDS instance class."
  type        = string

  validation {
    condition     = can(regex("^db[.][a-z0-9-]+[.][a-z0-9-]+$", var.instance_class))
    error_message = "An instance class reads like db.t3.micro."
  }
}

variable "allocated_storage" {
  description = "The disk, in GiB. RDS can grow a disk and never shrink it."
  type        = number

  validation {
    condition     = var.allocated_storage >= 20 && var.allocated_storage <= 1000 && floor(var.allocated_storage) == var.allocated_storage
    error_message = "The disk is a whole number of GiB from 20 to 1000."
  }
}

variable "multi_az" {
  description = "Whether a standby runs in another availability zone."
  type        = bool
  default     = false
}

variable "backup_retention_days" {
  description = "How many days of automatic backups are kept."
  type        = number
  default     = 7

  validation {
    condition     = var.backup_retention_days >= 1 && var.backup_retention_days <= 35
    error_message = "Backups are kept for 1 to 35 days."
  }
}

variable "skip_final_snapshot" {
  description = "Whether a destroy leaves no last snapshot behind."
  type        = bool
  default     = false
}

variable "deletion_protection" {
  description = "Whether AWS refuses to delete the database."
  type        = bool
  default     = false
}

variable "subnet_group_name" {
  description = "The DB subnet group to live in; empty for the account's default."
  type        = string
  default     = ""
}

variable "security_group_ids" {
  description = "The security groups that guard the database; none for the network's default."
  type        = list(string)
  default     = []
}

variable "kms_key_arn" {
  description = "The KMS key for disk and password; empty for AWS's own."
  type        = string
  default     = ""
}

variable "secret_recovery_days" {
  description = "How long a deleted password can be restored, in days; 0 for not at all."
  type        = number
  default     = 7

  validation {
    condition     = var.secret_recovery_days == 0 || (var.secret_recovery_days >= 7 && var.secret_recovery_days <= 30)
    error_message = "Deleted secrets are kept for 7 to 30 days, or 0."
  }
}

# Given anew at each run, kept by none; it is written only where password_version has risen.
variable "password" {
  description = "The password to write to the secret store."
  type        = string
  sensitive   = true
  ephemeral   = true

  validation {
    condition     = can(regex("^[!-~]{16,41}$", var.password)) && !can(regex("[/@\"]", var.password))
    error_message = "The password has 16 to 41 printable characters, and none of / @ \" or a space."
  }
}

variable "password_version" {
  description = "Raised to write a new password."
  type        = number
  default     = 1

  validation {
    condition     = var.password_version >= 1 && floor(var.password_version) == var.password_version
    error_message = "The password's version is a whole number from 1."
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
