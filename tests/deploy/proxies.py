"""Caddy and nginx with the files of deploy/, on ports of their own and with certificates made for the occasion."""

from __future__ import annotations

import http.client
import os
import re
import ssl
import subprocess
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from lumi.core.clock import now
from lumi.demo.keys import free_port
from tests.deploy import visitor
from tests.deploy.programs import ROOT, of_ours, of_the_machine

CADDYFILE = ROOT / "deploy" / "caddy" / "Caddyfile"
NGINX = ROOT / "deploy" / "nginx" / "lumi.conf"


@dataclass(frozen=True)
class Proxy:
    """One that runs: where it speaks TLS, where it does not, and who signed its certificate."""

    port: int
    plain_port: int
    authority: Path

    @property
    def address(self) -> str:
        """Where people reach Lumi."""
        return f"https://localhost:{self.port}"

    @property
    def trusting(self) -> ssl.SSLContext:
        """What a browser is that knows the authority."""
        return ssl.create_default_context(cafile=str(self.authority))

    def connection(self) -> http.client.HTTPSConnection:
        """A new connection, as a browser's."""
        return http.client.HTTPSConnection("localhost", self.port, context=self.trusting, timeout=10)


@contextmanager
def caddy(folder: Path, *upstreams: int) -> Generator[Proxy]:
    """Caddy with its own authority in place of a public one, in front of these ports."""
    storage = folder / "storage"
    proxy = Proxy(free_port(), free_port(), storage / "pki" / "authorities" / "local" / "root.crt")
    file = folder / "Caddyfile"
    file.write_text(
        f"{{\nadmin off\nskip_install_trust\nlocal_certs\nhttp_port {proxy.plain_port}\nhttps_port {proxy.port}\n"
        f"storage file_system {storage}\n}}\nimport {CADDYFILE}\n"
    )
    command = [of_ours("caddy"), "run", "--config", str(file), "--adapter", "caddyfile"]
    addresses = " ".join(f"127.0.0.1:{port}" for port in upstreams)
    variables = {"LUMI_DOMAIN": "localhost", "LUMI_UPSTREAMS": addresses, "HOME": str(folder)}
    with _running(command, folder, variables, proxy):
        yield proxy


@contextmanager
def nginx(folder: Path, upstream: int) -> Generator[Proxy]:
    """nginx with a certificate that vouches for itself."""
    program = of_the_machine("nginx")
    proxy = Proxy(free_port(), free_port(), folder / "chain.pem")
    _certify(proxy.authority, folder / "key.pem")
    (folder / "lumi.conf").write_text(nginx_file(folder, upstream, proxy))
    temporary = "".join(
        f"{each}_temp_path {folder}/{each};" for each in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    user = "user root;" if os.geteuid() == 0 else ""
    (folder / "nginx.conf").write_text(
        f"{user} daemon off; worker_processes 1; pid {folder}/pid; error_log stderr; events {{}}\n"
        f"http {{ access_log off; {temporary} include {folder}/lumi.conf; }}\n"
    )
    command = [program, "-p", str(folder), "-e", "stderr", "-c", str(folder / "nginx.conf")]
    with _running(command, folder, {}, proxy):
        yield proxy


def nginx_file(folder: Path, upstream: int, proxy: Proxy) -> str:
    """Our file, with the places of this test for those of a server."""
    text = re.sub(r"\tlisten \[::\].*\n", "", NGINX.read_text())
    for old, new in (
        ("listen 80;", f"listen 127.0.0.1:{proxy.plain_port};"),
        ("listen 443 ssl;", f"listen 127.0.0.1:{proxy.port} ssl;"),
        ("server 127.0.0.1:8000 ", f"server 127.0.0.1:{upstream} "),
        ("/etc/letsencrypt/live/chat.example.org/fullchain.pem", str(proxy.authority)),
        ("/etc/letsencrypt/live/chat.example.org/privkey.pem", str(folder / "key.pem")),
        ("chat.example.org", "localhost"),
    ):
        assert old in text, old
        text = text.replace(old, new)
    return text


KINDS: Mapping[str, Callable[[Path, int], AbstractContextManager[Proxy]]] = {"caddy": caddy, "nginx": nginx}


@contextmanager
def _running(command: Sequence[str], folder: Path, variables: Mapping[str, str], proxy: Proxy) -> Generator[None]:
    with (folder / "said").open("wb") as said:
        process = subprocess.Popen(command, env={**os.environ, **variables}, stdout=said, stderr=said, cwd=folder)
    try:
        _until_ready(process, folder, proxy)
        yield
    finally:
        process.terminate()
        process.wait(10)


def _until_ready(process: subprocess.Popen[bytes], folder: Path, proxy: Proxy) -> None:
    def said() -> str:
        return (folder / "said").read_text()

    visitor.until(lambda: proxy.authority.exists() or process.poll() is not None, said)
    assert process.poll() is None, said()
    visitor.until_answers(f"{proxy.address}/livez", proxy.trusting)


def _certify(certificate: Path, key: Path) -> None:
    """A certificate for localhost, signed by itself."""
    private = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now() - timedelta(hours=1))
        .not_valid_after(now() + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(private, hashes.SHA256())
    )
    certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    key.write_bytes(private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain))
