"""Makes what stands in for the network, in the folder given: `simple` (a package index of small wheels), `git` (the
project that the snippets clone) and `stand-ins.tar` (what is unpacked in each session).

Usage: make.py FOLDER MAKE_VENV
"""

import hashlib
import pathlib
import subprocess
import sys
import tarfile
import zipfile

HERE = pathlib.Path(__file__).parent
VERSION = "1.0.0"

TORCH = """
class cuda:
    @staticmethod
    def is_available():
        return False
"""
PACKAGES = {
    "torch": TORCH,
    "pytest": (HERE / "session" / "pytest.py").read_text(),
    **{
        name: f'"""Stands for {name}."""\n__version__ = "{VERSION}"\n'
        for name in ("torchvision", "transformers", "datasets", "pandas", "numpy", "matplotlib")
    },
}


def make_wheel(name: str, source: str, folder: pathlib.Path) -> pathlib.Path:
    info = f"{name}-{VERSION}.dist-info"
    path = folder / f"{name}-{VERSION}-py3-none-any.whl"
    contents = {
        f"{name}.py": source,
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {VERSION}\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nGenerator: make.py\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = "".join(f"{file},,\n" for file in [*contents, f"{info}/RECORD"])
    with zipfile.ZipFile(path, "w") as wheel:
        for file, text in {**contents, f"{info}/RECORD": record}.items():
            wheel.writestr(file, text)
    return path


def make_index(folder: pathlib.Path) -> None:
    for name, source in PACKAGES.items():
        page = folder / name
        page.mkdir(parents=True)
        wheel = make_wheel(name, source, page)
        digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
        link = f'<a href="{wheel.name}#sha256={digest}">{wheel.name}</a>'
        (page / "index.html").write_text(f"<!DOCTYPE html><html><body>{link}</body></html>")


def make_repository(bare: pathlib.Path, work: pathlib.Path) -> None:
    def git(*args: str, cwd: pathlib.Path) -> None:
        person = ["-c", "user.name=Someone", "-c", "user.email=someone@localhost", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", *person, *args], cwd=cwd, check=True, stdout=subprocess.DEVNULL)

    git("init", "-q", str(work), cwd=HERE)
    for file in (HERE / "project").iterdir():
        (work / file.name).write_bytes(file.read_bytes())
    git("add", ".", cwd=work)
    git("commit", "-q", "-m", "A project with two tests", cwd=work)
    bare.parent.mkdir(parents=True)
    git("clone", "-q", "--bare", str(work), str(bare), cwd=work)
    # What lets it be cloned from a server of plain files.
    git("update-server-info", cwd=bare)


def as_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = "root"
    return entry


def main(folder: pathlib.Path, make_venv: pathlib.Path) -> None:
    make_index(folder / "simple")
    make_repository(folder / "git" / "my" / "project.git", folder / "project")
    with tarfile.open(folder / "stand-ins.tar", "w") as archive:
        for file in sorted((HERE / "session").iterdir()):
            archive.add(file, file.name, filter=as_root)
        archive.add(make_venv, "make-venv.py", filter=as_root)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]))
