import pytest

from controller.core.hcl import read_hcl
from controller.core.module import called_folder, read_module

ROOT = "terraform/modules/it"
VERSIONS = b"""\
terraform {
  required_version = ">= 1.11"
  required_providers {
    aws  = { source = "hashicorp/aws", version = "~> 5.0" }
    ours = { source = "example.com/acme/ours" }
    old  = "~> 1.0"
  }
}
"""


def read(**files):
    return read_module(
        ROOT, {name.replace("__", "/").replace("_tf", ".tf"): text for name, text in files.items()}
    )


def test_a_module_has_what_its_root_folder_declares():
    module = read(a_tf=b'variable "x" {}\noutput "y" { value = 1 }', b_tf=b'variable "z" {}', notes=b"{{{")
    assert (set(module.variables), set(module.outputs)) == ({"x", "z"}, {"y"})
    assert (module.variables["z"].path, module.unread) == (f"{ROOT}/b.tf", ())


def test_providers_are_told_by_source_and_version():
    aws, ours, old = read(versions_tf=VERSIONS).providers
    assert (aws.source, aws.version) == ("hashicorp/aws", "~> 5.0")
    assert aws.addresses == ("registry.terraform.io/hashicorp/aws", "registry.opentofu.org/hashicorp/aws")
    assert (ours.addresses, ours.version) == (("example.com/acme/ours",), None)
    assert (old.source, old.version) == (None, None)


def test_folders_are_read_that_are_called_and_no_others():
    module = read(
        main_tf=b'module "a" { source = "./a" }',
        a__main_tf=b'resource "r_a" "x" {}\nmodule "b" { source = "../b" }\nvariable "inner" {}',
        b__main_tf=b'resource "r_b" "x" {}\nmodule "a" { source = "../a" }',
        examples__main_tf=b'resource "r_c" "x" {}',
        broken__main_tf=b"{{{",
    )
    assert module.resource_types == {"r_a", "r_b"}
    assert (module.variables, module.unread) == ({}, ())


def test_a_file_that_cannot_be_read_is_told_and_the_others_are_read():
    module = read(a_tf=b'variable "x" {}', b_tf=b"{{{")
    assert set(module.variables) == {"x"}
    assert [each.path for each in module.unread] == [f"{ROOT}/b.tf"]


@pytest.mark.parametrize(
    ("source", "folder", "called"),
    [
        ('"./a"', "", "a"),
        ('"./a/"', "", "a"),
        ('"./a/../b"', "", "b"),
        ('"../b"', "a", "b"),
        ('"./c"', "a", "a/c"),
        ('"../a"', "", None),
        ('"../.."', "a", None),
        ('"./"', "", None),
        ('".."', "a", None),
        ('"a"', "", None),
        ('"/etc"', "", None),
        ('"acme/vpc/aws"', "", None),
        ('"git::https://example.com/x.git"', "", None),
        ('"./${var.x}"', "", None),
        ("var.x", "", None),
    ],
)
def test_a_called_folder_lies_inside_or_is_none(source, folder, called):
    (block,) = read_hcl("main.tf", f'module "m" {{ source = {source} }}'.encode()).blocks
    assert called_folder(block, folder) == called
