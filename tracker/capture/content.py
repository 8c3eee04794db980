"""What may be stored of a file: secrets stay behind, whole files or the lines that hold them."""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from pathlib import PurePath

from tracker.capture.scrub import by_shape
from tracker.snapshot import Scrubbed

_SECRET_NAMES = (
    ".env", ".env.*", "*.env", ".envrc", "*.pem", "*.key", "*.p12", "*.pfx", "*.jks", "*.keystore", "*.kdbx", "*.ppk",
    "id_rsa*", "id_dsa*", "id_ecdsa*", "id_ed25519*", ".netrc", "_netrc", ".pgpass", ".npmrc", ".pypirc", ".htpasswd",
    ".my.cnf", ".git-credentials", ".vault-token", ".dockercfg", "kubeconfig", "credentials", "credentials.json",
    "secrets.json", "secrets.toml", "secrets.yaml", "secrets.yml", "secret.json", "secret.yaml", "secret.yml",
    "client_secret*.json", "service-account*.json", "service_account*.json", "*.tfstate", "kaggle.json", ".boto",
)  # fmt: skip
_HARMLESS = ("*.pub", "*.example", "*.sample", "*.template", "*.dist", "*.md")
_SECRET_FOLDERS = frozenset({".ssh", ".gnupg", ".aws", ".azure", ".kube"})
_PRIVATE_KEY = re.compile(rb"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----[\s\S]{1,300}?[A-Za-z0-9+/]{40}")


def secret_by_name(path: str) -> bool:
    """Whether a file of this name is one that people keep secrets in."""
    pure = PurePath(path)
    name = pure.name.lower()
    if any(fnmatchcase(name, pattern) for pattern in _HARMLESS):
        return False
    return bool(_SECRET_FOLDERS.intersection(pure.parts)) or any(
        fnmatchcase(name, pattern) for pattern in _SECRET_NAMES
    )


def holds_private_key(data: bytes) -> bool:
    """Whether there is a private key in it, in the armour that OpenSSL, OpenSSH and PGP write."""
    return b"PRIVATE KEY" in data and _PRIVATE_KEY.search(data) is not None


def is_text(data: bytes) -> bool:
    """Whether it reads as text; git's rule: no NUL in the first 8,000 bytes."""
    return b"\0" not in data[:8000]


def without_secrets(data: bytes, path: str) -> tuple[bytes, tuple[Scrubbed, ...]]:
    """`data` without tokens of a known shape, and where they stood. Bytes that are no text come back as they are."""
    if not is_text(data):
        return data, ()
    content = data.decode("utf-8", "surrogateescape")
    kinds: list[str] = []
    cleaned = by_shape(content, kinds.append)
    if cleaned == content:
        return data, ()
    found = tuple(Scrubbed(f"file {path}", kind) for kind in dict.fromkeys(kinds))
    return cleaned.encode("utf-8", "surrogateescape"), found
