"""The steps of a Dockerfile done on this machine: a folder stands for the root of each stage.

Steps name their files relative to WORKDIR, so that they do the same here; absolute paths in COPY and ENV are taken
below the stage's folder. The base images are this machine's Python and Node.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.deploy.dockerfile import Stage, Step

# What a build on this machine needs of it to reach package registries, and their caches.
_OURS = re.compile(r"HOME|LANG|TMPDIR|XDG_.*|.*_PROXY|.*_proxy|SSL_CERT_.*|.*_CA_BUNDLE|PIP_.*|UV_.*|NODE_EXTRA_.*")
# Adding users is the one thing root does in a build; here the user's folder is enough.
_USERADD = re.compile(r"useradd .*--home-dir (?P<home>\S+) .*")


@dataclass
class Image:
    """A stage that was built, or its beginning."""

    root: Path
    workdir: str = "/"
    environment: dict[str, str] = field(default_factory=dict[str, str])
    said: dict[str, Step] = field(default_factory=dict[str, Step])
    skipped: list[str] = field(default_factory=list[str])

    def at(self, path: str) -> Path:
        """Where a path of the image is on this machine."""
        return self.root / str(Path(self.workdir, path)).lstrip("/")

    def here(self, words: str) -> str:
        """A list of paths, as PATH is one, with the absolute ones where they are on this machine."""
        return ":".join(str(self.at(each)) if re.match(r"/\w", each) else each for each in words.split(":"))

    @property
    def complete_environment(self) -> dict[str, str]:
        """The image's variables over the few of this machine."""
        return {**{name: value for name, value in os.environ.items() if _OURS.fullmatch(name)}, **self.environment}


class Builder:
    """Builds stage by stage in a folder of its own, out of a context that may be read only."""

    def __init__(self, folder: Path, context: Path) -> None:
        self._folder, self._context = folder, context
        self._bases: dict[str, Image] = {}
        self.images: dict[str, Image] = {}

    def build(self, stages: Sequence[Stage]) -> Image:
        """The image of the last stage; what it was made from is removed."""
        for number, stage in enumerate(stages):
            image = self._begin(stage, self._folder / f"{number}-{stage.name}")
            self.images[stage.name] = image
            for step in stage.steps:
                self._do(step, image)
        last = self.images.pop(stages[-1].name)
        for each in (self._context, *(image.root for image in self.images.values())):
            shutil.rmtree(each)
        return last

    def _begin(self, stage: Stage, root: Path) -> Image:
        base = self.images.get(stage.base) or self._base(stage.base)
        _copy_folder(base.root, root)
        return Image(root, base.workdir, dict(base.environment), dict(base.said), list(base.skipped))

    def _base(self, name: str) -> Image:
        """This machine's program in place of a base image."""
        program = name.partition(":")[0]
        folder = self._folder / f"base-{program}"
        (folder / "root").mkdir(parents=True)
        path = _python(folder) if program == "python" else _node()
        return Image(folder / "root", environment={"PATH": f"{path}:{os.defpath}"})

    def _do(self, step: Step, image: Image) -> None:
        match step.word:
            case "WORKDIR":
                image.workdir = str(Path(image.workdir, step.rest))
                image.at(".").mkdir(parents=True, exist_ok=True)
            case "ENV":
                image.environment.update(_assigned(step.rest, image))
            case "COPY":
                source = self.images[step.flags["from"]].root if "from" in step.flags else self._context
                _copy(step.rest.split(), source, image)
            case "RUN":
                _run(step.rest, image)
            case "USER" | "EXPOSE" | "HEALTHCHECK" | "ENTRYPOINT" | "CMD":
                image.said[step.word] = step
            case _:
                raise NotImplementedError(step.word)


def _run(command: str, image: Image) -> None:
    if (user := _USERADD.fullmatch(command)) is not None:
        image.skipped.append(command)
        image.at(user["home"]).mkdir(parents=True)
        return
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd=image.at("."), env=image.complete_environment, text=True, capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"


def _assigned(words: str, image: Image) -> Mapping[str, str]:
    """What ENV assigns. `$NAME` is what an earlier step assigned, and is not looked for below the stage's folder."""
    pairs = (word.partition("=")[::2] for word in shlex.split(words))
    return {
        name: re.sub(r"\$(\w+)", lambda found: image.environment[found[1]], image.here(value)) for name, value in pairs
    }


def _copy(words: Sequence[str], source: Path, image: Image) -> None:
    """COPY: of a folder the content, into a folder or under the name that is given."""
    *names, target = words
    into = image.at(target)
    for name in names:
        path = source / name.lstrip("/")
        if path.is_dir():
            _copy_folder(path, into)
        else:
            into_folder = len(names) > 1 or target.endswith("/")
            to = into / path.name if into_folder else into
            to.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, to)


def _copy_folder(source: Path, target: Path) -> None:
    shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True)


def _python(folder: Path) -> Path:
    """The programs of a Python with pip, as the base image has."""
    uv = Path(sys.executable).with_name("uv")
    made = [str(uv), "venv", "--quiet", "--seed", "--python", sys.executable, str(folder / "python")]
    subprocess.run(made, check=True)
    return folder / "python" / "bin"


def _node() -> Path:
    """The programs of a Node that can build the pages: scripts/setup.sh finds or installs the same."""
    ours = Path(__file__).resolve().parents[2] / ".make" / "node"
    found = ours / "npm" if (ours / "npm").exists() else Path(shutil.which("npm") or "npm")
    return found.parent
