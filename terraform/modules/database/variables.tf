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

variable "max_allocated_storage" {
  description = "How far RDS may grow the disk by itself, in GiB; 0 for not at all."
  type        = number
  default     = 0

  # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html: 10 % above the disk at least.
  validation {
    condition     = var.max_allocated_storage == 0 || var.max_allocated_storage >= var.allocated_storage * 1.1
    error_message = "max_storage is at least a tenth above storage (${ceil(var.allocated_storage * 1.1)} GiB or more here), or 0."
  }

  validation {
    condition     = var.max_allocated_storage >= 0 && var.max_allocated_storage <= 1000 && floor(var.max_allocated_storage) == var.max_allocated_storage
    error_message = "The disk grows up to a whole number of GiB, 1000 at most."
  }
}

# Names: https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBInstance.html; kind.yaml has the letters.
variable "db_name" {
  description = "The database that is made on the server."
  type        = string
  default     = "app"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,62}$", var.db_name))
    error_message = "A database's name has at most 63 small letters, digits and underscores, and begins with a letter."
  }

  validation {
    condition     = !contains(concat(local.reserved[var.engine], local.databases_there[var.engine]), var.db_name)
    error_message = "The engine keeps this word for itself: choose another db_name."
  }
}

variable "username" {
  description = "The user who owns the database."
  type        = string
  default     = "dbadmin"

  validation {
    condition     = can(regex("^[a-z][a-z0-9_]{0,15}$", var.username))
    error_message = "A user's name has at most 16 small letters, digits and underscores, and begins with a letter."
  }

  validation {
    condition     = !contains(concat(local.reserved[var.engine], local.users_there[var.engine]), var.username) && !can(regex("^(pg_|rds_)", var.username))
    error_message = "The engine keeps this word for itself: choose another username."
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

variable "maintenance_window" {
  description = "When RDS may patch the server, in UTC, such as sun:03:00-sun:04:00; empty for a time of its own choice."
  type        = string
  default     = ""

  validation {
    condition     = var.maintenance_window == "" || length(regexall("^[a-z]{3}:[0-9]{2}:[0-9]{2}-[a-z]{3}:[0-9]{2}:[0-9]{2}$", var.maintenance_window)) == 1
    error_message = "A maintenance window reads like sun:03:00-sun:04:00, or is empty."
  }

  validation {
    # The second end less the first, in minutes of the week.
    condition = var.maintenance_window == "" || alltrue([
      for minutes in [sum(concat([10080], [
        for end, time in regexall("([a-z]{3}):([0-9]{2}):([0-9]{2})", var.maintenance_window) :
        (index(local.days, time[0]) * 1440 + time[1] * 60 + time[2]) * (end == 0 ? -1 : 1)
      ]))] : minutes % 10080 >= 30 && minutes % 10080 < 1440
    ])
    error_message = "A maintenance window has half an hour at least, and less than a day."
  }
}

variable "publicly_accessible" {
  description = "Whether the server has an address outside its network."
  type        = bool
  default     = false
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
