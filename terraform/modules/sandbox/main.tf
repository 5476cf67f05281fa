# A rehearsal: it behaves like infrastructure (it is made, changed in place, replaced, and it fails on demand), yet
# exists in Terraform's state only. No provider is downloaded, no account is needed.

locals {
  tags = {
    ManagedBy = "infrautomater"
    RequestId = var.request_id
    TeamId    = var.team_id
  }
}

# `input` changes in place; `triggers_replace` makes a new instance.
resource "terraform_data" "instance" {
  triggers_replace = {
    colour = var.colour
    engine = var.engine
  }

  input = {
    name    = var.name
    size    = var.size
    disk    = var.disk
    message = var.message
    tags    = local.tags
  }
}

# What an apply waits for, and fails at. It stands between the instance and the replicas, so that an interrupted or
# failed apply leaves a part made and a part not. It is there only if there is something to rehearse, and is made again
# when that changes, since a provisioner runs at creation alone; a failure or an interrupt taints it, so that a retry
# goes through it again.
resource "terraform_data" "rehearsal" {
  count = var.fail || var.seconds > 0 ? 1 : 0

  triggers_replace = {
    seconds = var.seconds
    fail    = var.fail
  }

  depends_on = [terraform_data.instance]

  # Only a number and a boolean reach the shell, never text. `exec` leaves one process, the one that an interrupt ends.
  provisioner "local-exec" {
    interpreter = ["/bin/sh", "-c"]
    command     = var.fail ? "sleep ${var.seconds}; echo \"$WHY\" >&2; exit 1" : "exec sleep ${var.seconds}"
    environment = { WHY = "This rehearsal was asked to fail. Set its parameter fail to false, and it goes through." }
  }
}

resource "terraform_data" "replica" {
  count = var.replicas

  input = {
    name = "${var.name}-${count.index + 1}"
    tags = local.tags
  }

  depends_on = [terraform_data.rehearsal]
}
