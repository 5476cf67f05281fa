"""How fast 10,000 requests of every kind are validated, beside check-jsonschema with our schema on the same files.

    python benchmarks/validate.py [COUNT]

Both run as the commands that a person calls, one after the other. Prints seconds, and exits 1 where ours takes 3 s or
more, or where one of the two finds a mistake: there is none.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from controller.edge.starter import starter_root

LIMIT_S = 3.0
BIN = Path(sys.executable).parent
PARAMETERS = {
    "sandbox": "  size: medium\n  message: Hello\n  replicas: 2\n",
    "database": "  engine: postgres\n  size: small\n  storage: 100\n",
    "s3": "  versioning: true\n  noncurrent_days: 30\n",
    "k8s_namespace": '  labels:\n    cost-centre: "4711"\n',
}


def main() -> int:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 10_000
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        files = write(root, count)
        (root / "schema.json").write_bytes(printed(root, BIN / "infrautomater", "schema"))
        ours = seconds(root, BIN / "infrautomater", "validate")
        theirs = seconds(root, BIN / "check-jsonschema", "--schemafile", "schema.json", *files)
    print(f"infrautomater validate: {count:,} requests in {ours:.2f} s")
    print(f"check-jsonschema:       {count:,} requests in {theirs:.2f} s, with the schema that we print")
    return 0 if ours < LIMIT_S else 1


def write(root: Path, count: int) -> list[str]:
    """A repository with so many requests, of every kind in turn; their paths."""
    shutil.copytree(
        starter_root() / "terraform", root / "terraform", ignore=shutil.ignore_patterns(".terraform")
    )
    paths = []
    for number in range(count):
        kind = list(PARAMETERS)[number % len(PARAMETERS)]
        path = root / f"requests/team-{number % 50}/r{number}.yaml"
        path.parent.mkdir(parents=True, exist_ok=True)
        head = f"# Request {number}\nkind: {kind}\nname: r{number}\nenvironment: dev\nparameters:\n"
        path.write_text(head + PARAMETERS[kind])
        paths.append(str(path.relative_to(root)))
    return paths


def printed(root: Path, *argv: str | Path) -> bytes:
    return subprocess.run(argv, cwd=root, check=True, stdout=subprocess.PIPE).stdout


def seconds(root: Path, *argv: str | Path) -> float:
    began = time.perf_counter()
    printed(root, *argv)
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
