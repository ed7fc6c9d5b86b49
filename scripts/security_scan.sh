#!/usr/bin/env bash
# Known holes in what is installed, and secrets in what git tracks.
# Ends with 1 when something was found, with 2 when nothing was found and a registry could not say.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
worst=0
note() { if [ "$1" -eq 1 ] || { [ "$1" -ne 0 ] && [ "$worst" -eq 0 ]; }; then worst=$1; fi; }

printf '== secrets\n'
.venv/bin/python scripts/find_secrets.py
note $?

printf '== Python packages (pip-audit)\n'
audited=$(.venv/bin/pip-audit --progress-spinner off --disable-pip --require-hashes --format json \
    --requirement requirements-dev.txt --requirement requirements.txt 2>/dev/null)
AUDITED=$audited .venv/bin/python - <<'PYTHON'
import json, os, sys

try:
    packages = json.loads(os.environ["AUDITED"])["dependencies"]
except ValueError:
    print("The package index did not answer: not looked at.")
    sys.exit(2)
holes = [f"{each['name']} {each['version']}: {hole['id']}, mended in {', '.join(hole['fix_versions']) or 'no version yet'}"
         for each in packages for hole in each.get("vulns", ())]
unknown = [each["name"] for each in packages if "skip_reason" in each]
print(*holes, f"{len(packages) - len(unknown)} packages looked at, {len(holes)} holes", sep="\n")
if unknown:
    print(f"{len(unknown)} packages the index knows nothing of: {', '.join(unknown[:5])} …")
sys.exit(1 if holes else 2 if unknown else 0)
PYTHON
note $?

printf '== npm packages (npm audit)\n'
report=$(npm --prefix web audit --json 2>/dev/null)
REPORT=$report .venv/bin/python - <<'PYTHON'
import json, os, sys

try:
    counts = json.loads(os.environ["REPORT"])["metadata"]["vulnerabilities"]
except (KeyError, ValueError):
    print("The registry did not answer: not looked at.")
    sys.exit(2)
print(", ".join(f"{counts[level]} {level}" for level in ("critical", "high", "moderate", "low")))
sys.exit(1 if counts["critical"] or counts["high"] else 0)
PYTHON
note $?
exit "$worst"
