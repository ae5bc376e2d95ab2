"""Bundles of releases as small as they can be."""

from __future__ import annotations

import subprocess
import tempfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def make_bundle(file: Path, *tags: str) -> Path:
    """Write a bundle in which each tag's copier.yml says "tag: <tag>"; return its path."""
    with tempfile.TemporaryDirectory() as folder:

        def git(*arguments: str) -> None:
            identity = ["-c", "user.name=T", "-c", "user.email=t@example.com"]
            command = ["git", *identity, "-c", "commit.gpgsign=false", *arguments]
            subprocess.run(command, cwd=folder, check=True)

        git("init", "-q", "-b", "main")
        for tag in tags:
            with open(f"{folder}/copier.yml", "w", encoding="utf-8") as copier:  # noqa: PTH123
                copier.write(f"tag: {tag}\n")
            git("add", ".")
            git("commit", "-qm", tag)
            git("tag", tag)
        git("bundle", "create", "-q", str(file), "HEAD", "main", "--tags")
    return file
