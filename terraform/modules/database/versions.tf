terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source = "hashicorp/aws"
      # Passwords go through write-only arguments, which early releases of the series do not have.
      version = "~> 5.0, >= 5.100"
    }
  }
}
