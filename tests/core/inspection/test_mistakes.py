"""A platform team's mistakes: each is told with its place, what is wrong and the way out; nothing else stops for it."""

import pytest

from controller.core.catalogue import read_catalogue
from controller.core.inspection import blamed, inspect
from controller.core.request import Blob, Request, read_request

DEV = "terraform/environments/dev.yaml"
NOTE = "terraform/modules/note"
ELSEWHERE = Blob("100644", "", b"kind: note\nname: it\nenvironment: qa\nparameters: {text: hello}\n")

# What is changed (the file, a text in it, and what takes its place; no text: it is added), and what is said of it.
# fmt: off
KIND_MISTAKES = [
    ("kind.yaml", "title: Message queue\n", "", "kind.yaml:1:1: title: `title` is missing. Add `title`."),
    ("kind.yaml", "title: Message queue", "title: ''", "kind.yaml:1:1: title: `title` is empty. Say it in a few words: people read it."),
    ("kind.yaml", "A queue on AWS.", "' '", "kind.yaml:2:1: description: `description` is empty. Say it in a few words: people read it."),
    ("kind.yaml", "title: Message", "titel: Message", "kind.yaml:1:1: titel: `titel` is not a known field. Did you mean `title`?"),
    ("kind.yaml", "provider: aws", "provider: asw", "kind.yaml:3:1: provider: the module requires no provider `asw`. Did you mean `aws`?"),
    ("kind.yaml", "provider: aws", "provider: [aws]", "kind.yaml:3:1: provider: `provider` must be text, not a list. Write text."),
    ("kind.yaml", "stateful: true", "stateful: perhaps", 'kind.yaml:4:1: stateful: `stateful` must be `true` or `false`, not `"perhaps"`. Write `true` or `false`, without quotes.'),
    ("kind.yaml", "max_length: 60", "max_length: 0", "kind.yaml:5:47: resource_name.max_length: `max_length` is `0`, which is too little. Write 1 or more."),
    ("kind.yaml", '"^[a-z][a-z0-9-]*$", max', '"[", max', "kind.yaml:5:17: resource_name.pattern: `pattern`: this is no regular expression. Write it without look-around: https://docs.rs/regex/latest/regex/#syntax."),
    ("kind.yaml", ", says: a queue has at most 60 small letters", "", "kind.yaml:5:1: resource_name.says: `says` is missing. Add `says`."),
    ("kind.yaml", "says: a queue has at most 60 small letters", "says: ''", "kind.yaml:5:63: resource_name.says: `says` is empty. Say it in a few words: people read it."),
    ("kind.yaml", "name:      {from: resource_name}", "name:      {from: request_id}", "kind.yaml:5:1: resource_name: no variable takes the `resource_name` that this is the rule for. Add a variable with `{from: resource_name}`, or delete it."),
    ("kind.yaml", "{from: resource_name}", "{from: resourcename}", 'kind.yaml:14:15: variables.name.from: `from` cannot be `"resourcename"`. Did you mean `resource_name`?'),
    ("kind.yaml", "enum: [small, large]", "enum: [small, small, large]", "kind.yaml:7:29: parameters.size.enum: `small` stands in `enum` twice. Delete one."),
    ("kind.yaml", "enum: [small, large]", "enum: []", "kind.yaml:7:29: parameters.size.enum: `enum` is empty, so that no value can be given. List the values, or delete it."),
    ("kind.yaml", "enum: [small, large]", "enum: [small, large, 5]", "kind.yaml:7:50: parameters.size.enum.2: `5` does not fit the parameter's own type and limits. Change the value, or what the parameter takes."),
    ("kind.yaml", "default: small", "default: smal", "kind.yaml:7:51: parameters.size.default: the default `smal` is not one of `enum`. Did you mean `small`?"),
    ("kind.yaml", "minimum: 1, maximum: 14", "minimum: 14, maximum: 1", "kind.yaml:8:43: parameters.retention.maximum: `minimum` is 14, and `maximum` is 1. Exchange them, or mend one."),
    ("kind.yaml", "minimum: 1, maximum", "minimum: 0.5, maximum", "kind.yaml:8:30: parameters.retention.minimum: `minimum` is 0.5, and the parameter a whole number. Write a whole number."),
    ("kind.yaml", "maximum: 14, default: 4", "maximum: 14, default: 40", "kind.yaml:8:55: parameters.retention.default: `40` does not fit the parameter's own type and limits. Change the value, or what the parameter takes."),
    ("kind.yaml", "maximum: 14", "maximum: many", 'kind.yaml:8:42: parameters.retention.maximum: `maximum` must be a number, not `"many"`. Write a number, without quotes.'),
    ("kind.yaml", "max_length: 50", "max_length: -1", "kind.yaml:11:44: parameters.note.max_length: `max_length` is `-1`, which is too little. Write 1 or more."),
    ("kind.yaml", "min_length: 0, max_length: 50", "min_length: 9, max_length: 5", "kind.yaml:11:44: parameters.note.max_length: `min_length` is 9, and `max_length` is 5. Exchange them, or mend one."),
    ("kind.yaml", "type: boolean", "type: boolean, pattern: a", "kind.yaml:9:30: parameters.fifo.pattern: `pattern` says nothing of a `boolean`. Delete it; it is for `string` or `map`."),
    ("kind.yaml", "type: boolean", "type: boolean, maximum: 3", "kind.yaml:9:30: parameters.fifo.maximum: `maximum` says nothing of a `boolean`. Delete it; it is for `integer` or `number`."),
    ("kind.yaml", "{type: map", "{type: map, unit: GiB", "kind.yaml:10:26: parameters.labels.unit: `unit` says nothing of a `map`. Delete it; it is for `integer` or `number`."),
    ("kind.yaml", 'key_pattern: "^[a-z]+$"', 'key_pattern: "["', "kind.yaml:10:39: parameters.labels.key_pattern: `key_pattern`: this is no regular expression. Write it without look-around: https://docs.rs/regex/latest/regex/#syntax."),
    ("kind.yaml", "min_length: 0", "key_pattern: a", "kind.yaml:11:29: parameters.note.key_pattern: `key_pattern` says nothing of a `string`. Delete it; it is for `map`."),
    ("kind.yaml", 'default: "", allowed_by', "allowed_by", "kind.yaml:11:60: parameters.note.allowed_by: where an environment does not say `allow_notes: true`, no value could be given. Add the `default` that is allowed everywhere."),
    ("kind.yaml", "default: false, change: replace", "default: 'false', change: replace", "kind.yaml:9:30: parameters.fifo.default: `\"false\"` does not fit the parameter's own type and limits. Change the value, or what the parameter takes."),
    ("kind.yaml", "change: downtime", "change: grow_only", "kind.yaml:7:67: parameters.size.change: `grow_only` is for numbers. Choose what becomes of a running one when it changes."),
    ("kind.yaml", "change: downtime", "change: down", 'kind.yaml:7:67: parameters.size.change: `change` cannot be `"down"`. Did you mean `downtime`?'),
    ("kind.yaml", "type: string, enum", "type: text, enum", 'kind.yaml:7:15: parameters.size.type: `type` cannot be `"text"`. Choose one of `string`, `integer`, `number`, `boolean`, `map`.'),
    ("kind.yaml", ", description: How big", "", "kind.yaml:7:3: parameters.size.description: `description` is missing. Add `description`."),
    ("kind.yaml", "description: How big", "description: ''", "kind.yaml:7:85: parameters.size.description: `description` is empty. Say it in a few words: people read it."),
    ("kind.yaml", "  rotation:  {type", "  spare:     {type: string, default: '', description: Spare}\n  rotation:  {type", "kind.yaml:12:3: parameters.spare: nothing takes the parameter `spare`. Give it to one of `variables`, or delete it: whoever sets it would wait in vain."),
    ("kind.yaml", "  retention: {parameter: retention}\n", "", "kind.yaml:13:1: variables: the module's variable `retention` gets no value (terraform/modules/queue/variables.tf:6). Add `retention` to `variables`, or delete the variable."),
    ("kind.yaml", "  retention: {parameter: retention}", "  retentoin: {parameter: retention}", "kind.yaml:16:3: variables.retentoin: the module has no variable `retentoin`. Did you mean `retention`?"),
    ("kind.yaml", "{parameter: size,", "{parameter: siez,", "kind.yaml:15:15: variables.gibibytes.parameter: there is no parameter `siez`. Did you mean `size`?"),
    ("kind.yaml", "map: {small: 1, large: 10}", "map: {small: 1}", "kind.yaml:15:32: variables.gibibytes.map: `map` says nothing of `large`. Add `large`."),
    ("kind.yaml", "map: {small: 1, large: 10}", "map: {small: 1, large: 10, huge: 9}", "kind.yaml:15:59: variables.gibibytes.map.huge: `size` is never `huge`. Choose one of `small`, `large`."),
    ("kind.yaml", "map: {small: 1, large: 10}", "map: {small: tiny, large: 10}", "kind.yaml:15:38: variables.gibibytes.map.small: the module's variable `gibibytes` is a `number`, and `tiny` is none. Give it such a value, or change its type."),
    ("kind.yaml", "{parameter: retention}", "{parameter: retention, map: {4: 1}}", "kind.yaml:16:37: variables.retention.map: a parameter that takes any value cannot be mapped. Give the parameter an `enum`."),
    ("kind.yaml", "{parameter: retention}", "{parameter: note}", "kind.yaml:16:15: variables.retention.parameter: the module's variable `retention` is a `number`, and `note` is none. Give it such a value, or change its type."),
    ("kind.yaml", "labels:    {parameter: labels}", "labels:    {parameter: note}", "kind.yaml:18:15: variables.labels.parameter: the module's variable `labels` is a `map(string)`, and `note` is none. Give it such a value, or change its type."),
    ("kind.yaml", "fifo:      {parameter: fifo}", "fifo:      {parameter: retention}", "kind.yaml:17:15: variables.fifo.parameter: the module's variable `fifo` is a `bool`, and `retention` is none. Give it such a value, or change its type."),
    ("kind.yaml", "rotation:  {parameter: rotation}", "rotation:  {from: team}", "kind.yaml:22:15: variables.rotation.from: the module's variable `rotation` is a `number`, and `team` is none. Give it such a value, or change its type."),
    ("kind.yaml", '{environment: kms_key, default: ""}', "{environment: kms_key, default: []}", "kind.yaml:20:37: variables.kms_key.default: the module's variable `kms_key` is a `string`, and `[]` is none. Give it such a value, or change its type."),
    ("kind.yaml", "{constant: [a, b]}", "{constant: a}", "kind.yaml:21:15: variables.zones.constant: the module's variable `zones` is a `list(string)`, and `a` is none. Give it such a value, or change its type."),
    ("kind.yaml", "{constant: [a, b]}", "{konstant: [a, b]}", "kind.yaml:21:3: variables.zones: `zones`: this needs one of `parameter`, `from`, `environment` and `constant`. Write `{parameter: …}`, `{from: …}`, `{environment: …}` or `{constant: …}`."),
    ("kind.yaml", "rotation:  {parameter: rotation}", "rotation:  {parameter: rotation}\n  token:     {constant: x}", "kind.yaml:23:3: variables.token: `token` is ephemeral in the module, and a value given here would be kept. Move it to `secrets`."),
    ("kind.yaml", "token: {length", "tokn: {length", "kind.yaml:24:3: secrets.tokn: the module has no variable `tokn`. Did you mean `token`?"),
    ("kind.yaml", "token: {length", "fifo: {length", "kind.yaml:24:3: secrets.fifo: `fifo` gets a value in `variables` already. Delete it there."),
    ("kind.yaml", "length: 24", "length: 6", "kind.yaml:24:11: secrets.token.length: `length` is `6`, which is too little. Write 12 or more."),
    ("kind.yaml", "rotate: rotation", "rotate: rotatoin", "kind.yaml:24:23: secrets.token.rotate: there is no parameter `rotatoin`. Did you mean `rotation`?"),
    ("kind.yaml", "rotate: rotation", "rotate: note", "kind.yaml:24:23: secrets.token.rotate: `note` cannot be raised. Name a parameter of type `integer`: it is raised to rotate the secret."),
    ("kind.yaml", "secrets:\n  token: {length: 24, rotate: rotation}\n", "", "kind.yaml:13:1: variables: the module's variable `token` gets no value (terraform/modules/queue/variables.tf:13). Add `token` to `secrets`, or delete the variable."),
    ("kind.yaml", "  url:  {show", "  uri:  {show", "kind.yaml:26:3: outputs.uri: the module has no output `uri`. Did you mean `url`?"),
    ("kind.yaml", "seal: {show: false}", "seal: {show: true}", "kind.yaml:27:10: outputs.seal.show: `seal` is sensitive in the module, and Terraform does not show it. Say `show: false`, or hand out a reference to it instead."),
    ("kind.yaml", "shown: [name]", "shown: name", 'kind.yaml:28:1: shown: `shown` must be a list, not `"name"`. Write `[one, another]`, or one `- item` a line.'),
    ("kind.yaml", "disposable: [aws_sqs_queue_policy]", "disposable: [aws_sqs_queue_polcy]", "kind.yaml:29:14: disposable.0: the module makes no `aws_sqs_queue_polcy`. Did you mean `aws_sqs_queue_policy`?"),
    ("kind.yaml", "QueueDeletedRecently: Wait a minute, then retry.", "QueueDeletedRecently: ''", "kind.yaml:31:3: errors.QueueDeletedRecently: `QueueDeletedRecently` is empty. Say it in a few words: people read it."),
    ("kind.yaml", "currency: USD", "currency: dollars", 'kind.yaml:32:8: cost.currency: `currency` cannot be `"dollars"`. It must match `^[A-Z]{3}$`.'),
    ("kind.yaml", "map: {small: 1, large: 5}", "map: {small: 1, large: -5}", "kind.yaml:32:68: cost.per_month.map.large: `-5` is no price. Write what a month costs, 0 or more."),
    ("kind.yaml", "map: {small: 1, large: 5}", "map: {small: 1, large: dear}", "kind.yaml:32:68: cost.per_month.map.large: `dear` is no price. Write what a month costs, 0 or more."),
    ("kind.yaml", "map: {small: 1, large: 5}", "map: {small: 1}", "kind.yaml:32:52: cost.per_month.map: `map` says nothing of `large`. Add `large`."),
    ("kind.yaml", "map: {small: 1, large: 5}", "map: {small: 1, large: 5, huge: 9}", "kind.yaml:32:78: cost.per_month.map.huge: `size` is never `huge`. Choose one of `small`, `large`."),
    ("kind.yaml", "{parameter: size, map: {small: 1, large: 5}}", "{parameter: size}", "kind.yaml:32:35: cost.per_month.parameter: `size` is no price. Add a `map` that gives each value its price."),
    ("kind.yaml", "{parameter: size, map: {small: 1, large: 5}}", "-1", "kind.yaml:32:23: cost.per_month: `-1` is no price. Write what a month costs, 0 or more."),
    ("kind.yaml", "{parameter: size, map: {small: 1, large: 5}}", ".inf", "kind.yaml:32:34: the number is not finite. Write a smaller one."),
    ("kind.yaml", "provider: aws\n", "provider: aws\nprovider: aws\n", "kind.yaml:4:1: `provider` stands here a second time (first in line 3). Keep one."),
]
MODULE_MISTAKES = [
    ("variables.tf", "  ephemeral = true\n", "", "variables.tf:13:1: variable.token: `token` is a secret, and Terraform would write it to plans and to the state. Add `ephemeral = true` to the variable."),
    ("variables.tf", "  sensitive = true\n", "", "variables.tf:13:1: variable.token: `token` is a secret, and Terraform would print it. Add `sensitive = true` to the variable."),
    ("variables.tf", "", 'variable "extra" { default = 1 }', "kind.yaml:13:1: variables: the module's variable `extra` gets no value (terraform/modules/queue/variables.tf:18). Add `extra` to `variables`, or delete the variable."),
    ("variables.tf", "", 'variable "pin" { ephemeral = true }', "kind.yaml:13:1: variables: the module's variable `pin` gets no value (terraform/modules/queue/variables.tf:18). Add `pin` to `secrets`, or delete the variable."),
    ("outputs.tf", "  sensitive = true", "  ephemeral = true", "kind.yaml:27:3: outputs.seal: `seal` is ephemeral in the module, and nobody could read it. Delete it."),
    ("variables.tf", "type = bool }", "type = bool", "variables.tf:18:1: this is not HCL: a bracket, a brace or a quote is still open at its end. `terraform fmt` stops at the same place, and says more."),
    ("variables.tf", "type = bool", "type = bool ?", "variables.tf:7:33: this is not HCL: `}` cannot stand here. `terraform fmt` stops at the same place, and says more."),
    ("versions.tf", '  required_version = ">= 1.11"\n', "", 'versions.tf:1:1: terraform: the module does not say which versions of Terraform it works with. Add `required_version = ">= 1.11"` to the `terraform` block of its `versions.tf`.'),
    ("versions.tf", '      source  = "hashicorp/aws"\n', "", 'versions.tf:5:11: required_providers: `aws` has no full address. Add `source = "hashicorp/aws"`, or whoever makes it.'),
    ("versions.tf", '"hashicorp/aws"', '"aws"', 'versions.tf:5:11: required_providers: `aws` has no full address. Add `source = "hashicorp/aws"`, or whoever makes it.'),
    ("versions.tf", '      version = "~> 5.0"\n', "", 'versions.tf:5:11: required_providers: `aws` may be of any version. Add `version = "~> 5.0"`, or whatever the module was tried with.'),
    ("versions.tf", '"hashicorp/aws"', '"acme/aws"', "kind.yaml:3:1: provider: the module's `aws` is `acme/aws`, and kind.yaml means `hashicorp/aws`. Write `source: acme/aws`."),
    ("kind.yaml", "provider: aws\n", "provider: aws\nsource: acme/aws\n", "kind.yaml:4:1: source: the module's `aws` is `hashicorp/aws`, and kind.yaml means `acme/aws`. Write `source: hashicorp/aws`."),
    ("versions.tf", "    }\n", '    }\n    random = { source = "hashicorp/random", version = "~> 3.0" }\n', "versions.tf:9:14: required_providers: `random` is not the kind's provider, which is `aws`. Do without it, or name it in kind.yaml: `provider: random`."),
    ("versions.tf", "      version", "      configuration_aliases = [aws.far]\n      version", "versions.tf:5:11: required_providers: `aws` wants several configurations. Delete `configuration_aliases`: an environment has one."),
    ("versions.tf", "aws = {", "asw = {", "versions.tf:5:11: required_providers: `asw` is not the kind's provider, which is `aws`. Do without it, or name it in kind.yaml: `provider: asw`."),
    ("inner/main.tf", "", 'terraform {\n  required_providers { null = { source = "hashicorp/null" } }\n}', "inner/main.tf:5:31: required_providers: `null` is not the kind's provider, which is `aws`. Do without it, or name it in kind.yaml: `provider: null`."),
    ("main.tf", "", 'resource "random_id" "x" { byte_length = 4 }', "main.tf:19:1: resource.random_id.x: `random_id` needs the provider `random`, which the module does not require. A kind uses the one provider that it names: do without it."),
    ("main.tf", "", 'data "aws_region" "far" { provider = awz.far }', "main.tf:19:1: data.aws_region.far: `aws_region` needs the provider `awz`, which the module does not require. A kind uses the one provider that it names: do without it."),
    ("main.tf", "", 'provider "aws" { region = "us-east-1" }', "main.tf:19:1: provider.aws: a module that holds a provider's settings cannot be called with those of the environment. Move the settings to `providers` of the environments, and delete the block."),
    ("versions.tf", "terraform {", 'terraform {\n  backend "s3" {}', "versions.tf:1:1: terraform: `backend` has no effect in a module that is called. Delete it: where states live is for the environment's `state` to say."),
    ("versions.tf", "terraform {", 'terraform {\n  cloud { organization = "acme" }', "versions.tf:1:1: terraform: `cloud` has no effect in a module that is called. Delete it: where states live is for the environment's `state` to say."),
    (".terraform.lock.hcl", "hashicorp/aws", "hashicorp/random", ".terraform.lock.hcl:1:1: the lock file does not name `hashicorp/aws`. Run `terraform providers lock` in the module's folder."),
    (".terraform.lock.hcl", "", 'provider "registry.terraform.io/hashicorp/null" {}', ".terraform.lock.hcl:5:1: provider.registry.terraform.io/hashicorp/null: the module requires no `registry.terraform.io/hashicorp/null`. Run `terraform providers lock` in the module's folder, or delete the block."),
    ("main.tf", "  name = var.name\n", '  name = var.name\n  provisioner "local-exec" { command = "true" }\n', "main.tf:7:3: provisioner.local-exec: a provisioner runs a program, and no plan shows what it does. Use a resource of the provider; one `local-exec` is for kinds with `rehearsal: true`."),
    ("main.tf", "  name = var.name\n", '  name = var.name\n  connection { host = "x" }\n', "main.tf:7:3: connection: `connection` is for provisioners, and those run programs. Delete it."),
    ("main.tf", "", 'data "external" "x" { program = ["true"] }', "main.tf:19:1: data.external.x: an `external` data source runs a program with the worker's credentials. Give the value as a variable, or find a data source that asks the cloud for it."),
    ("main.tf", "", 'data "http" "x" { url = "https://example.com" }', "main.tf:19:1: data.http.x: an `http` data source sends to whatever address it is given, and brings other values with each plan. Give the value as a variable, by `constant` or by the environment's `values`."),
    ("main.tf", "", 'check "up" {\n  data "http" "x" { url = "https://example.com" }\n}', "main.tf:20:3: data.http.x: an `http` data source sends to whatever address it is given, and brings other values with each plan. Give the value as a variable, by `constant` or by the environment's `values`."),
    ("main.tf", "", 'module "vpc" { source = "terraform-aws-modules/vpc/aws" }', 'main.tf:19:1: module.vpc: a module from elsewhere may be another one tomorrow, and nobody here has seen it. Copy it into this folder, and say `source = "./its-folder"`.'),
    ("main.tf", '"./inner"', '"../other"', 'main.tf:15:1: module.inner: a module from elsewhere may be another one tomorrow, and nobody here has seen it. Copy it into this folder, and say `source = "./its-folder"`.'),
    ("main.tf", '"./inner"', '"./iner"', "main.tf:15:1: module.inner: there is no module in `iner`. Add its `.tf` files, or mend `source`."),
    ("main.tf", '"./inner"', '"${path.module}/inner"', 'main.tf:15:1: module.inner: a module from elsewhere may be another one tomorrow, and nobody here has seen it. Copy it into this folder, and say `source = "./its-folder"`.'),
    ("main.tf", "", "locals { now = timestamp() }", "main.tf:19:16: locals: `timestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "", 'locals {\n  text = <<-EOT\n    made ${formatdate("YYYY", plantimestamp())}, not uuid()\n  EOT\n}', "main.tf:21:31: locals: `plantimestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "{ name = var.name }", '{ name = "${var.name}-${uuid()}" }', "main.tf:2:79: locals: `uuid()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("inner/main.tf", "", 'locals { hash = bcrypt("x") }', "inner/main.tf:4:17: locals: `bcrypt()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "", "locals { text = templatestring(var.note, {}) }", "main.tf:19:17: locals: `templatestring()` evaluates a text, which may be a requester's, as a template. Use `templatefile` with a file of the module, or `replace`."),
    ("main.tf", "", 'locals { text = file("/etc/passwd") }', "main.tf:19:17: locals: `file()` may read a file that is not the module's. Write the path out, from the module on: `\"${path.module}/name-of-the-file\"`."),
    ("main.tf", "", 'locals { text = file("${path.module}/../other/x") }', "main.tf:19:17: locals: `file()` may read a file that is not the module's. Write the path out, from the module on: `\"${path.module}/name-of-the-file\"`."),
    ("main.tf", "", 'locals { text = file("${path.module}/${var.note}") }', "main.tf:19:17: locals: `file()` may read a file that is not the module's. Write the path out, from the module on: `\"${path.module}/name-of-the-file\"`."),
    ("main.tf", "", "locals { text = filebase64(var.note) }", "main.tf:19:17: locals: `filebase64()` may read a file that is not the module's. Write the path out, from the module on: `\"${path.module}/name-of-the-file\"`."),
    ("main.tf", "", 'locals { files = fileset("/", "*") }', "main.tf:19:18: locals: `fileset()` may read a file that is not the module's. Write the path out, from the module on: `\"${path.module}/name-of-the-file\"`."),
    ("policy.json", "{}", '{"x": "${file("/etc/passwd")}"}', "policy.json:1:10: `file()` in a template may read a file that is not the module's. Read it beside `templatefile`, and hand it to the template."),
    ("policy.json", "{}", '{\n  "x": "100%${timestamp()}"}', "policy.json:2:15: `timestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("policy.json", "{}", '%{ for path in [{ module = "/etc" }] }${file("${path.module}/passwd")}%{ endfor }', "policy.json:1:41: `file()` in a template may read a file that is not the module's. Read it beside `templatefile`, and hand it to the template."),
    ("policy.json", "{}", "${templatestring(name, {})}", "policy.json:1:3: `templatestring()` evaluates a text, which may be a requester's, as a template. Use `templatefile` with a file of the module, or `replace`."),
    ("policy.json", "{}", "${", "policy.json:1:3: this is no template: a bracket, a brace or a quote is still open at its end. Mend it; where a mere `${` or `%{` is meant, write `$${` or `%%{`."),
    ("policy.json", "{}", "x" * 300_000, "kind.yaml:1:1: its templates have 300,000 bytes, and 262,144 are the most that is looked at. Make them smaller; what has no `${` or `%{` is for `file`."),
    ("main.tf", "policy.json", "police.json", "main.tf:2:12: locals: there is no file `police.json` in the module, and it would be evaluated. Add it, or mend the path."),
    ("inner/main.tf", "", 'locals { text = templatefile("${path.module}/policy.json", {}) }', "inner/main.tf:4:17: locals: there is no file `inner/policy.json` in the module, and it would be evaluated. Add it, or mend the path."),
    ("main.tf", "", 'locals { text = [for path in [{ module = "/etc" }] : file("${path.module}/passwd")] }', "main.tf:19:54: locals: `file()` may read a file that is not the module's, since a `for` here calls something else `path`. Call that another name."),
    ("main.tf", "", 'locals { text = "%{ for path in [{ module = "/etc" }] }${file("${path.module}/passwd")}%{ endfor }" }', "main.tf:19:58: locals: `file()` may read a file that is not the module's, since a `for` here calls something else `path`. Call that another name."),
    ("main.tf", "", 'locals { files = fileset(path.module, "\\u002e\\u002e/*") }', "main.tf:19:18: locals: `fileset()` may read a file that is not the module's. Write the path out, from the module on: `\"${path.module}/name-of-the-file\"`."),
    ("main.tf", "", "locals { files = fileset(path.module, var.note) }", "main.tf:19:18: locals: `fileset()` may read a file that is not the module's. Write the path out, from the module on: `\"${path.module}/name-of-the-file\"`."),
    ("main.tf", "", "locals {\n  text = <<EOT\n100%${timestamp()}\nEOT\n}", "main.tf:21:7: locals: `timestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "", 'locals { text = "$${x ${timestamp()}" }', "main.tf:19:25: locals: `timestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "", 'locals { text = "$${ ${timestamp()} }" }', "main.tf:19:24: locals: `timestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "", 'locals {\n  text = <<EOT\n${ "${"}"}" == timestamp() ? 1 : 2 }\nEOT\n}', "main.tf:21:16: locals: `timestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "", "locals { now = core::timestamp() }", "main.tf:19:22: locals: `timestamp()` gives another value at each plan, so that what was reviewed never is what happens. Take the value from a variable, or from an attribute of a resource that keeps it."),
    ("main.tf", "", 'data "\\U00000065xternal" "x" { program = ["true"] }', "main.tf:19:1: data.external.x: an `external` data source runs a program with the worker's credentials. Give the value as a variable, or find a data source that asks the cloud for it."),
    ("main.tf", "", 'data "$${http}" "x" {}', 'main.tf:19:6: this is not HCL: `"$${http}"` cannot be a label. `terraform fmt` stops at the same place, and says more.'),
    ("main.tf", "", 'module "odd" { source = "./$${x}" }', 'main.tf:19:1: module.odd: a module from elsewhere may be another one tomorrow, and nobody here has seen it. Copy it into this folder, and say `source = "./its-folder"`.'),
    ("main.tf", "", "locals { deep = " + "[" * 101 + "]" * 101 + " }", "main.tf:19:116: this is nested too deep: 100 brackets and quotes in one another are the most. Write it flat, or name a part of it in `locals`."),
    ("main.tf", "", "locals {}" + " " * 1_001 + "# x", "main.tf:19:10: more than 1,000 blanks follow one another, and nobody sees what stands behind them. Delete them."),
    ("main.tf", "", 'import {\n  to = aws_sqs_queue.this\n  id = "x"\n}', "main.tf:19:1: import: Terraform takes `import` in a root module only. Delete it, and bring the object in by hand before the request is merged."),
    ("more.tf.json", "", '{"resource": {}}', "more.tf.json:1:1: `more.tf.json` is loaded by Terraform and cannot be looked at here. Write it as a `.tf` file."),
    ("main_override.tf", "", "locals {}", "main_override.tf:1:1: `main_override.tf` overrides what the other files say (https://developer.hashicorp.com/terraform/language/files/override). Change the other files, and delete it."),
    ("main.tofu", "", "locals {}", "main.tofu:1:1: `main.tofu` is loaded by Terraform and cannot be looked at here. Write it as a `.tf` file."),
    (f"{NOTE}/main.tf", '{ command = "true" }', '{ command = "true" }\n  provisioner "local-exec" { command = "false" }', "note/main.tf:8:3: provisioner.local-exec: a provisioner runs a program, and no plan shows what it does. Use a resource of the provider; one `local-exec` is for kinds with `rehearsal: true`."),
    (f"{NOTE}/main.tf", 'provisioner "local-exec"', 'provisioner "remote-exec"', "note/main.tf:7:3: provisioner.remote-exec: a provisioner runs a program, and no plan shows what it does. Use a resource of the provider; one `local-exec` is for kinds with `rehearsal: true`."),
    (f"{NOTE}/kind.yaml", "rehearsal: true\n", "", "note/main.tf:7:3: provisioner.local-exec: a provisioner runs a program, and no plan shows what it does. Use a resource of the provider; one `local-exec` is for kinds with `rehearsal: true`."),
    (f"{NOTE}/main.tf", "terraform {", 'terraform {\n  required_providers { aws = { source = "hashicorp/aws", version = "5" } }', "note/main.tf:2:30: required_providers: `aws` is not the kind's provider, which is `builtin`. Do without it, or name it in kind.yaml: `provider: aws`."),
]
ENVIRONMENT_MISTAKES = [
    (DEV, "title: Development\n", "", "dev.yaml:1:1: title: `title` is missing. Add `title`."),
    (DEV, "title: Development", "title: ''", "dev.yaml:1:1: title: `title` is empty. Say it in a few words: people read it."),
    (DEV, "mode: apply", "mode: plan-only", 'dev.yaml:2:1: mode: `mode` cannot be `"plan-only"`. Did you mean `plan_only`?'),
    (DEV, "kinds: [queue, note]\n", "", "dev.yaml:1:1: kinds: `kinds` is missing. Add `kinds`."),
    (DEV, "kinds: [queue, note]", "kinds: [queue, note, databse]", "dev.yaml:3:22: kinds.2: there is no kind `databse`. Choose one of `note`, `queue`."),
    (DEV, "kinds: [queue, note]", "kinds: [queue, note, queue]", "dev.yaml:3:22: kinds.2: `queue` stands in `kinds` twice. Delete one."),
    (DEV, "kinds: [queue, note]", "kinds: queue", 'dev.yaml:3:1: kinds: `kinds` must be a list, not `"queue"`. Write `[one, another]`, or one `- item` a line.'),
    (DEV, "{queue: {size", "{queu: {size", "dev.yaml:4:10: limits.queu: there is no kind `queu`. Did you mean `queue`?"),
    (DEV, "kinds: [queue, note]", "kinds: [note]", "dev.yaml:4:10: limits.queue: `queue` is not offered here, and nothing of it can be limited. Add it to `kinds`, or delete its limits."),
    (DEV, "size: [small]", "siez: [small]", "dev.yaml:4:18: limits.queue.siez: `queue` has no parameter `siez`. Did you mean `size`?"),
    (DEV, "size: [small]", "size: [giant]", "dev.yaml:4:25: limits.queue.size.0: `size` of `queue` cannot be `giant` anyway. Limits narrow what a kind offers: delete it."),
    (DEV, "size: [small]", "size: []", "dev.yaml:4:18: limits.queue.size: no value of `size` is left, so that no `queue` can be asked for. List what is offered, or take the kind out of `kinds`."),
    (DEV, "size: [small]", "size: small", 'dev.yaml:4:18: limits.queue.size: `size` must be a list, not `"small"`. Write `[one, another]`, or one `- item` a line.'),
    (DEV, "retention: [4, 8]", "retention: [4, 80]", "dev.yaml:4:48: limits.queue.retention.1: `retention` of `queue` cannot be `80` anyway. Limits narrow what a kind offers: delete it."),
    (DEV, "  aws: {region", "  asw: {region", "dev.yaml:6:3: providers.asw: no kind that is offered here uses the provider `asw`. Did you mean `aws`?"),
    (DEV, "providers:\n", "providers:\n  kubernetes: {}\n", "dev.yaml:6:3: providers.kubernetes: no kind that is offered here uses the provider `kubernetes`. Choose one of `aws`."),
    (DEV, "  aws: {region: us-east-1", "  aws: {secret_key: abc", "dev.yaml:6:9: providers.aws.secret_key: `secret_key` is a secret, and lies open here. Take it out of the file and exchange it; hand it to the worker, and name it in `pass_env`."),
    (DEV, "  aws: {region: us-east-1, default_tags: {Stage: dev}}", "  aws: us-east-1", 'dev.yaml:6:3: providers.aws: `aws` must be `key: value` lines, not `"us-east-1"`. Indent the fields under it.'),
    (DEV, "[AWS_PROFILE, TF_VAR_x]", "[AWS-PROFILE]", 'dev.yaml:8:14: credentials.pass_env.0: item 1 of `pass_env` cannot be `"AWS-PROFILE"`. It must match `^[A-Za-z_][A-Za-z0-9_]*$`.'),
    (DEV, "[AWS_PROFILE, TF_VAR_x]", "[TF_LOG]", "dev.yaml:8:14: credentials.pass_env.0: `TF_LOG` changes how Terraform works, and is the controller's to set. Delete it; of `TF_…` only `TF_VAR_…`, `TF_HTTP_…`, `TF_TOKEN_…`, `TF_REGISTRY_…` are passed on."),
    (DEV, "[AWS_PROFILE, TF_VAR_x]", "[INFRAUTOMATER_GITHUB_TOKEN]", "dev.yaml:8:3: credentials.pass_env: `pass_env`: `INFRAUTOMATER_GITHUB_TOKEN` is the controller's own and never reaches Terraform. Delete it."),
    (DEV, "{AWS_PROFILE: readonly}", "{DATABASE_URL: x}", "dev.yaml:9:14: credentials.plan_env.DATABASE_URL: `DATABASE_URL` is the controller's own. Delete it."),
    (DEV, "{AWS_PROFILE: readonly}", "{TF_CLI_ARGS: -lock=false}", "dev.yaml:9:14: credentials.plan_env.TF_CLI_ARGS: `TF_CLI_ARGS` changes how Terraform works, and is the controller's to set. Delete it; of `TF_…` only `TF_VAR_…`, `TF_HTTP_…`, `TF_TOKEN_…`, `TF_REGISTRY_…` are passed on."),
    (DEV, "{AWS_PROFILE: readonly}", "{AWS_SECRET_ACCESS_KEY: abc}", "dev.yaml:9:14: credentials.plan_env.AWS_SECRET_ACCESS_KEY: `AWS_SECRET_ACCESS_KEY` is a secret, and lies open here. Take it out of the file and exchange it; hand it to the worker, and name it in `pass_env`."),
    (DEV, "{AWS_PROFILE: readonly}", "{AWS_PROFILE: 5}", 'dev.yaml:9:14: credentials.plan_env.AWS_PROFILE: `AWS_PROFILE` must be text, not `5`. Put quotes around it: `"5"`.'),
    (DEV, "type: s3", "type: http", 'dev.yaml:10:9: state.type: `type` cannot be `"http"`. Choose one of `local`, `s3`, `pg`, `gcs`, `azurerm`, `consul`, `oci`.'),
    (DEV, "type: s3", "typ: s3", "dev.yaml:10:9: state.typ: `typ` is not a known field. Did you mean `type`?"),
    (DEV, "bucket: states, region", "key: mine, bucket: states, region", "dev.yaml:10:1: state: `state`: `key` is set for each request. Delete `key` from `config`."),
    (DEV, "bucket: states, ", "", "dev.yaml:10:1: state: the backend `s3` needs `bucket`. Add it: `config: {bucket: …}`."),
    (DEV, "bucket: states, ", "bucket: states, secret_key: abc, ", "dev.yaml:10:44: state.config.secret_key: `secret_key` is a secret, and lies open here. Take it out of the file and exchange it; hand it to the worker, and name it in `pass_env`."),
    (DEV, "{type: s3, config", "{type: local, config", "dev.yaml:10:1: state: `state`: `local` takes no `config`, as states live in the data directory. Delete `config`, or name another backend."),
    (DEV, ", use_lockfile: true", "", "dev.yaml:10:1: state: the backend `s3` locks no state unless it is told to, and two runs could write one at once. Add it: `config: {use_lockfile: true}`."),
    (DEV, 'kms_key: ""', 'kms_kee: ""', "dev.yaml:11:10: values.kms_kee: no kind that is offered here reads `kms_kee`. Did you mean `kms_key`? Or delete it."),
    (DEV, 'kms_key: ""', "kms_key: [a]", "dev.yaml:11:10: values.kms_key: `kms_key` goes to the variable `kms_key` of `queue`, which is a `string`. Write such a value."),
    (DEV, "allow_notes: true", "allow_notes: sometimes", "dev.yaml:11:23: values.allow_notes: `allow_notes` says whether `note` of `queue` may be asked for. Write `true` or `false`."),
    (DEV, "required: 1", "required: eleven", 'dev.yaml:12:13: approvals.required: `required` must be a whole number, not `"eleven"`. Write a whole number, without quotes.'),
    (DEV, "required: 1", "required: -1", "dev.yaml:12:13: approvals.required: `required` is `-1`, which is too little. Write 0 or more."),
    (DEV, 'required: 1, from: ["@ann", write]', 'required: 2, from: ["@ann"]', "dev.yaml:12:13: approvals.required: 2 approvals are required, and `from` names 1. Require fewer, or name a team."),
    (DEV, '["@ann", write]', "[ann]", 'dev.yaml:12:33: approvals.from.0: item 1 of `from` cannot be `"ann"`. It must match `^(@[A-Za-z0-9][A-Za-z0-9-]*(/[A-Za-z0-9._-]+)?|write|maintain|admin)$`.'),
    (DEV, '["@ann", write]', "[]", "dev.yaml:12:26: approvals.from: `from`: nobody could approve, or release what is held. Name somebody: `@user`, `@org/team`, `write`, `maintain` or `admin`."),
    (DEV, "author: false", "author: maybe", 'dev.yaml:12:49: approvals.author: `author` must be `true` or `false`, not `"maybe"`. Write `true` or `false`, without quotes.'),
    (DEV, "destroy: confirm", "destroy: ask", 'dev.yaml:13:1: destroy: `destroy` cannot be `"ask"`. Choose one of `allow`, `confirm`, `refuse`.'),
    (DEV, "default: {queue: 3}", "default: {queu: 3}", "dev.yaml:14:20: quotas.default.queu: `queu` is not offered here. Did you mean `queue`?"),
    (DEV, "default: {queue: 3}", "default: {queue: -3}", "dev.yaml:14:20: quotas.default.queue: `-3` requests cannot be had. Write 0 or more."),
    (DEV, "default: {queue: 3}", "default: {queue: 1.5}", "dev.yaml:14:20: quotas.default.queue: `queue` must be a whole number, not `1.5`. Write a whole number, without quotes."),
    (DEV, "payments: {queue: 5}", "Payments Team: {queue: 5}", "dev.yaml:14:39: quotas.teams.Payments Team: no team can be called `Payments Team`. Write the name of its folder under `requests/`."),
    (DEV, "payments: {queue: 5}", "payments: {qeue: 5}", "dev.yaml:14:50: quotas.teams.payments.qeue: `qeue` is not offered here. Did you mean `queue`?"),
    (DEV, "default: 500", "default: -500", "dev.yaml:15:10: budget.default: `-500` cannot be spent. Write 0 or more."),
    (DEV, "default: 500", "default: plenty", 'dev.yaml:15:10: budget.default: `default` must be a number, not `"plenty"`. Write a number, without quotes.'),
    (DEV, "payments: 800", "payments: -8", "dev.yaml:15:32: budget.teams.payments: `-8` cannot be spent. Write 0 or more."),
    (DEV, "currency: USD", "currency: EUR", "dev.yaml:15:48: budget.currency: `queue` has its price in USD, and does not count for a budget in EUR. Write the budget in USD, or the price in EUR."),
    (DEV, "currency: USD", "currency: usd", 'dev.yaml:15:48: budget.currency: `currency` cannot be `"usd"`. It must match `^[A-Z]{3}$`.'),
    (DEV, "destroy: confirm", "destroy: confirm\ndestory: allow", "dev.yaml:14:1: destory: `destory` is not a known field. Did you mean `destroy`?"),
]
# fmt: on


def short(path):
    return path.rsplit("modules/queue/")[-1].rsplit("modules/")[-1].rsplit("environments/")[-1]


def test_the_catalogue_that_is_changed_here_has_no_mistake(good):
    assert inspect(good) == ()
    assert set(read_catalogue(good).kinds) == {"queue", "note"}


@pytest.mark.parametrize(
    ("name", "old", "new", "said"), [*KIND_MISTAKES, *MODULE_MISTAKES, *ENVIRONMENT_MISTAKES]
)
def test_a_mistake_is_told_with_its_place_and_the_way_out_and_stops_nothing_else(
    changed, name, old, new, said
):
    files = changed(name, old, new)
    assert said in [str(each).replace(each.path, short(each.path), 1) for each in inspect(files)]

    if not name.startswith(NOTE):
        request = read_request("requests/search/it.yaml", ELSEWHERE, read_catalogue(files))
        assert isinstance(request, Request), request


@pytest.mark.parametrize(("name", "old", "new", "said"), MODULE_MISTAKES)
def test_a_kind_with_a_mistaken_module_is_offered_all_the_same(changed, name, old, new, said):
    assert read_catalogue(changed(name, old, new)).kinds.keys() == {"queue", "note"}


def test_an_environment_is_not_blamed_for_a_kind_that_cannot_be_read(changed):
    files = changed("kind.yaml", "title: Message queue", "a: [")
    assert {short(each.path) for each in inspect(files)} == {"kind.yaml"}


def test_a_kind_is_not_blamed_for_a_module_that_cannot_be_read(changed):
    files = changed("variables.tf", 'variable "gibibytes" {', 'variable "gibibytes"')
    assert {short(each.path) for each in inspect(files)} == {"variables.tf"}


def test_a_change_is_to_blame_for_what_it_breaks_in_a_file_that_it_does_not_touch(good, changed):
    before, after = inspect(good), inspect(changed("variables.tf", 'variable "zones"', 'variable "areas"'))
    mistakes = blamed(before, after, {"terraform/modules/queue/variables.tf"})
    assert {(short(each.path), each.field) for each in mistakes} == {
        ("kind.yaml", "variables"),
        ("kind.yaml", "variables.zones"),
    }


def test_a_change_is_not_to_blame_for_what_was_wrong_before_in_a_file_that_it_does_not_touch(changed):
    mistakes = inspect(changed("kind.yaml", "title: Message queue", "title: ''"))
    assert blamed(mistakes, mistakes, {"terraform/modules/queue/main.tf"}) == ()
    assert blamed(mistakes, mistakes, {"terraform/modules/queue/kind.yaml"}) == mistakes


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("main.tf", 'locals { text = "call timestamp(), or uuid()" } # file("/etc/passwd")'),
        ("main.tf", "locals {\n  text = <<-EOT\n    timestamp() and $${uuid()}\n  EOT\n}"),
        ("main.tf", 'locals { text = "$${timestamp()} %%{ if uuid() } $${file(" }'),
        ("main.tf", "locals {\n  text = <<EOT\n$$${timestamp()} 100% $\n  EOTX\nEOT\n}"),
        ("main.tf", "locals { text = [for path in var.zones : path] }"),
        (
            "policy.json",
            '\n$${file("/etc/passwd")} timestamp() 100%${name}\n%{ if name == "}" ~}\nEOT\n%{ endif }',
        ),
        ("main.tf", 'locals { text = file("${path.module}/policy.json") }'),
        ("main.tf", 'locals { files = fileset(path.module, "policies/*.json") }'),
        ("main.tf", "moved {\n  from = aws_sqs_queue.old\n  to   = aws_sqs_queue.this\n}"),
        ("main.tf", "removed {\n  from = aws_sqs_queue.old\n  lifecycle { destroy = false }\n}"),
        (
            "main.tf",
            'check "up" {\n  data "aws_region" "x" {}\n  assert {\n    condition     = true\n    error_message = "x"\n  }\n}',
        ),
        ("main.tf", 'ephemeral "aws_secretsmanager_secret_version" "x" { secret_id = "x" }'),
        ("main.tf", 'resource "terraform_data" "x" {}'),
        ("main.tf", 'data "aws_region" "far" { provider = aws }'),
        ("examples/main.tf", 'provider "aws" {}\nmodule "it" { source = "../" }'),
        ("tests/one.tftest.hcl", 'run "it" {}'),
        (
            f"{NOTE}/more.tf",
            'terraform {\n  required_providers { terraform = { source = "terraform.io/builtin/terraform" } }\n}',
        ),
    ],
)
def test_what_is_fine_is_let_pass(changed, name, text):
    assert inspect(changed(name, "", text)) == ()


def test_a_lock_file_of_opentofu_is_one_too(changed):
    assert inspect(changed(".terraform.lock.hcl", "registry.terraform.io", "registry.opentofu.org")) == ()
