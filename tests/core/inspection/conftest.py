"""A catalogue without a mistake, in which each test makes one."""

import pytest

QUEUE = """\
title: Message queue
description: A queue on AWS.
provider: aws
stateful: true
resource_name: {pattern: "^[a-z][a-z0-9-]*$", max_length: 60, says: a queue has at most 60 small letters}
parameters:
  size:      {type: string, enum: [small, large], default: small, change: downtime, description: How big}
  retention: {type: integer, minimum: 1, maximum: 14, default: 4, change: grow_only, unit: days, description: How long}
  fifo:      {type: boolean, default: false, change: replace, description: Whether it keeps the order}
  labels:    {type: map, default: {}, key_pattern: "^[a-z]+$", pattern: "^[a-z]*$", max_length: 5, description: Labels}
  note:      {type: string, min_length: 0, max_length: 50, default: "", allowed_by: allow_notes, description: Note}
  rotation:  {type: integer, minimum: 1, default: 1, description: Raise it to rotate the token}
variables:
  name:      {from: resource_name}
  gibibytes: {parameter: size, map: {small: 1, large: 10}}
  retention: {parameter: retention}
  fifo:      {parameter: fifo}
  labels:    {parameter: labels}
  note:      {parameter: note}
  kms_key:   {environment: kms_key, default: ""}
  zones:     {constant: [a, b]}
  rotation:  {parameter: rotation}
secrets:
  token: {length: 24, rotate: rotation}
outputs:
  url:  {show: true}
  seal: {show: false}
shown: [name]
disposable: [aws_sqs_queue_policy]
errors:
  QueueDeletedRecently: Wait a minute, then retry.
cost: {currency: USD, per_month: {parameter: size, map: {small: 1, large: 5}}}
"""
MAIN = """\
locals {
  policy = templatefile("${path.module}/policy.json", { name = var.name })
}

resource "aws_sqs_queue" "this" {
  name = var.name
  tags = merge(var.labels, { note = var.note })
}

resource "aws_sqs_queue_policy" "this" {
  queue_url = aws_sqs_queue.this.id
  policy    = local.policy
}

module "inner" {
  source = "./inner"
  size   = var.gibibytes
}
"""
INNER = """\
variable "size" { type = number }

data "aws_region" "here" {}
"""
VARIABLES = """\
variable "name" {
  description = "Not timestamp(), and not ${"$"}{uuid()}."
  type        = string
}
variable "gibibytes" { type = number }
variable "retention" { type = number }
variable "fifo" { type = bool }
variable "labels" { type = map(string) }
variable "note" { type = string }
variable "kms_key" { type = string }
variable "zones" { type = list(string) }
variable "rotation" { type = number }
variable "token" {
  type      = string
  ephemeral = true
  sensitive = true
}
"""
OUTPUTS = """\
output "url" { value = aws_sqs_queue.this.url }
output "seal" {
  value     = aws_sqs_queue.this.arn
  sensitive = true
}
"""
VERSIONS = """\
terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}
"""
LOCK = """\
provider "registry.terraform.io/hashicorp/aws" {
  version = "5.100.0"
  hashes  = ["h1:x"]
}
"""
NOTE = """\
title: Note
description: A note in Terraform's state.
provider: builtin
rehearsal: true
parameters:
  text: {type: string, default: "", description: Text}
variables:
  text: {parameter: text}
"""
NOTE_MODULE = """\
terraform {
  required_version = ">= 1.11"
}
variable "text" { type = string }
resource "terraform_data" "this" {
  input = var.text
  provisioner "local-exec" { command = "true" }
}
"""
DEV = """\
title: Development
mode: apply
kinds: [queue, note]
limits: {queue: {size: [small], retention: [4, 8]}}
providers:
  aws: {region: us-east-1, default_tags: {Stage: dev}}
credentials:
  pass_env: [AWS_PROFILE, TF_VAR_x]
  plan_env: {AWS_PROFILE: readonly}
state: {type: s3, config: {bucket: states, region: us-east-1, use_lockfile: true}}
values: {kms_key: "", allow_notes: true}
approvals: {required: 1, from: ["@ann", write], author: false}
destroy: confirm
quotas: {default: {queue: 3}, teams: {payments: {queue: 5}}}
budget: {default: 500, teams: {payments: 800}, currency: USD}
"""
QA = """\
title: Trials
kinds: [note]
"""
FOLDER = "terraform/modules/queue"
TREE = {
    f"{FOLDER}/kind.yaml": QUEUE,
    f"{FOLDER}/main.tf": MAIN,
    f"{FOLDER}/inner/main.tf": INNER,
    f"{FOLDER}/variables.tf": VARIABLES,
    f"{FOLDER}/outputs.tf": OUTPUTS,
    f"{FOLDER}/versions.tf": VERSIONS,
    f"{FOLDER}/.terraform.lock.hcl": LOCK,
    f"{FOLDER}/policy.json": "{}",
    "terraform/modules/note/kind.yaml": NOTE,
    "terraform/modules/note/main.tf": NOTE_MODULE,
    "terraform/environments/dev.yaml": DEV,
    "terraform/environments/qa.yaml": QA,
}


@pytest.fixture(scope="session")
def good():
    """The files of the catalogue without a mistake."""
    return {path: text.encode() for path, text in TREE.items()}


@pytest.fixture(scope="session")
def changed(good):
    """The catalogue with one text in one file changed; an empty `old` adds at the file's end, or makes the file."""

    def make(name, old, new):
        path = name if name.startswith("terraform/") else f"{FOLDER}/{name}"
        text = good.get(path, b"").decode()
        assert old in text, f"{path} has no {old}"
        return {**good, path: (text.replace(old, new, 1) if old else f"{text}{new}\n").encode()}

    return make
