"""A stand-in for a provider registry, on loopback: https://developer.hashicorp.com/terraform/internals/provider-registry-protocol.

Its providers are shell scripts, which is enough for `terraform init`.
"""

import datetime as dt
import hashlib
import io
import ipaddress
import json
import platform
import shutil
import ssl
import subprocess
import sys
import tempfile
import threading
import zipfile
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

OS = sys.platform
ARCH = {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
PLATFORM = f"{OS}_{ARCH}"


def package(version="1.0.0"):
    """A provider's zip file."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        entry = zipfile.ZipInfo(f"terraform-provider-fake_v{version}")
        entry.external_attr = 0o755 << 16
        archive.writestr(entry, f"#!/bin/sh\n# {version}\nexit 1\n")
    return content.getvalue()


def zip_name(version="1.0.0"):
    return f"terraform-provider-fake_{version}_{PLATFORM}.zip"


class Signer:
    """Whoever signs a registry's checksums."""

    def __init__(self):
        if not shutil.which("gpg"):
            pytest.skip("there is no gpg to sign a registry's packages with")
        self._home = tempfile.mkdtemp()
        self._gpg("--quick-gen-key", "fake@example.com", "rsa2048", "sign", "never")
        self.key = self._gpg("--armor", "--export").decode()
        listed = self._gpg("--list-keys", "--with-colons").decode().splitlines()
        self.id = next(line.split(":")[4] for line in listed if line.startswith("pub:"))

    def sign(self, document):
        return self._gpg("--detach-sign", given=document)

    def close(self):
        subprocess.run(["gpgconf", "--homedir", self._home, "--kill", "all"], check=False)
        shutil.rmtree(self._home, ignore_errors=True)

    def _gpg(self, *arguments, given=None):
        argv = ["gpg", "--homedir", self._home, "--batch", "--quiet", "--passphrase", "", *arguments]
        return subprocess.run(argv, input=given, capture_output=True, check=True, timeout=60).stdout


class Registry:
    """Offers `acme/fake` in some versions; `fetched` are the versions that were downloaded, each time."""

    def __init__(self, folder, signer):
        self.versions = ["1.0.0"]
        self.fetched = []
        self.tampered = False
        self.certificate = folder / "ca.pem"
        self._signer = signer
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certify(folder, self.certificate), folder / "key.pem")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.host = f"127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self):
        if self._thread.is_alive():
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()

    def zh(self, version="1.0.0"):
        """The package's checksum as a lock file has it."""
        return f"zh:{hashlib.sha256(package(version)).hexdigest()}"

    def answer(self, path):
        match path.strip("/").split("/"):
            case [".well-known", "terraform.json"]:
                return {"providers.v1": "/v1/"}
            case ["v1", "acme", "fake", "versions"]:
                offered = {"protocols": ["5.0"], "platforms": [{"os": OS, "arch": ARCH}]}
                return {"versions": [{"version": version, **offered} for version in self.versions]}
            case ["v1", "acme", "fake", version, "download", _, _]:
                return self._download(version)
            case ["files", version, what]:
                return self._file(version, what)
        return None

    def _file(self, version, what):
        if what == "zip":
            self.fetched.append(version)
            return package(version) + (b"more" if self.tampered else b"")
        sums = f"{hashlib.sha256(package(version)).hexdigest()}  {zip_name(version)}\n".encode()
        return sums if what == "sums" else self._signer.sign(sums)

    def _download(self, version):
        base = f"https://{self.host}/files/{version}"
        return {
            "protocols": ["5.0"],
            "os": OS,
            "arch": ARCH,
            "filename": zip_name(version),
            "download_url": f"{base}/zip",
            "shasums_url": f"{base}/sums",
            "shasums_signature_url": f"{base}/sums.sig",
            "shasum": hashlib.sha256(package(version)).hexdigest(),
            "signing_keys": {
                "gpg_public_keys": [{"key_id": self._signer.id, "ascii_armor": self._signer.key}]
            },
        }

    def _handler(self):
        registry = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                found = registry.answer(self.path)
                body = found if isinstance(found, bytes) else json.dumps(found).encode()
                self.send_response(404 if found is None else 200)
                self.send_header(
                    "Content-Type",
                    "application/octet-stream" if isinstance(found, bytes) else "application/json",
                )
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *arguments):
                pass

        return Handler


def certify(folder: Path, certificate: Path) -> Path:
    """Make a certificate for 127.0.0.1 that signs itself; where it is."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a registry")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(hours=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    (folder / "key.pem").write_bytes(key.private_bytes(pem, form, plain))
    certificate.write_bytes(made.public_bytes(pem))
    return certificate
