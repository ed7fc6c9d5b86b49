"""Looks for secrets in what git tracks: keys of known shapes, private keys, long random words beside a telling name.

    python scripts/find_secrets.py [FOLDER]

Ends with 1 and `path:line kind` for each; the secret itself is not shown. A line that only looks like one says so:
`not-a-secret` in a comment at its end.
"""

from __future__ import annotations

import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

MEANT = "not-a-secret"
LARGEST_BYTES = 2_000_000
# Bits a character: words of people have about three, random base64 has more than four.
RANDOM_BITS = 3.7
# Locks are hashes throughout, and what is made by others' tools holds no secret of ours.
SKIPPED = re.compile(r"(^|/)(requirements[a-z-]*\.txt|package-lock\.json|checksums\.txt)$|\.(png|jpg|webp|woff2|gz)$")
KINDS = {
    "private key": re.compile(r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----\s*\\?n?[A-Za-z0-9+/=]{20}"),
    "private key file": re.compile(r"^-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----$"),
    "AWS key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "GitHub token": re.compile(r"\b(?:gh[pousr]_[A-Za-z0-9]{36,}|github_pat_[A-Za-z0-9_]{50,})"),
    "GitLab token": re.compile(r"\bglpat-[A-Za-z0-9_-]{20,}"),
    "Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
    "Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "Meta token": re.compile(r"\bEAA[A-Za-z0-9]{60,}"),
    "Stripe key": re.compile(r"\b[rs]k_live_[A-Za-z0-9]{20,}"),
    "model key": re.compile(r"\bsk-(?:ant-|proj-)?[A-Za-z0-9_-]{32,}"),
    "key of Lumi": re.compile(r"\blumi_[0-9a-f]{32}_[A-Za-z0-9_-]{30,}"),
    "token": re.compile(r"\beyJ[A-Za-z0-9_-]{15,}\.eyJ[A-Za-z0-9_-]{15,}\.[A-Za-z0-9_-]{20,}"),
    "password in a URL": re.compile(r"\b[a-z][a-z0-9+]*://[^\s:/@'\"{}<>$]+:(?P<word>[^\s:/@'\"{}<>$]{16,})@"),
    "named secret": re.compile(
        r"(?i)(?:secret|token|passw(?:or)?d|api_?key|private_?key)[a-z_]*[\"']?\s*[:=]\s*[\"']?(?P<word>[A-Za-z0-9+/_=-]{24,})"
    ),
}


def main() -> int:
    """Print what was found."""
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".").resolve()
    found = sorted(secrets_in(root))
    for each in found:
        print(each)
    print(f"{len(found)} secrets in what git tracks", file=sys.stderr)
    return 1 if found else 0


def secrets_in(root: Path) -> Iterator[str]:
    """Places, from the root, with the kind of what is there."""
    for name in tracked(root):
        path = root / name
        if SKIPPED.search(name) or not path.is_file() or path.is_symlink() or path.stat().st_size > LARGEST_BYTES:
            continue
        for number, line in enumerate(path.read_text(errors="replace").splitlines(), start=1):
            yield from (f"{name}:{number} {kind}" for kind in kinds_of(line))


def tracked(root: Path) -> list[str]:
    """What git tracks, and what it would with the next `git add`."""
    command = ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, capture_output=True, check=True, text=True)
    return [name for name in listed.stdout.split("\0") if name]


def kinds_of(line: str) -> Iterator[str]:
    """What kinds of secret stand in a line."""
    if MEANT in line:
        return
    for kind, shape in KINDS.items():
        for match in shape.finditer(line):
            word = match.groupdict().get("word")
            if word is None or is_random(word):
                yield kind
                break


def is_random(word: str) -> bool:
    """Whether nobody would think of this word: many different characters, letters and digits mixed."""
    if not (any(each.isdigit() for each in word) and any(each.isalpha() for each in word)):
        return False
    counts = Counter(word)
    return -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values()) >= RANDOM_BITS


if __name__ == "__main__":
    sys.exit(main())
