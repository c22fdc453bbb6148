"""Move files and folders into a session and out of it, byte by byte, as a tar stream through a command."""

import tarfile
import tempfile
from pathlib import Path

from onmemos import OnMemOSClient, Session


def send(session: Session, local: Path, folder: str = "/workspace") -> None:
    """Copies a file or folder of this machine into a folder of the session."""
    unpack = session.start(["tar", "-x", "-f", "-", "-C", folder], stdin=True)
    with tempfile.TemporaryFile() as packed:
        with tarfile.open(fileobj=packed, mode="w") as archive:
            archive.add(local, local.name)
        packed.seek(0)
        while piece := packed.read(1024 * 1024):
            unpack.write(piece)
    unpack.close_stdin()
    if unpack.wait() != 0:
        raise RuntimeError(b"".join(chunk.data for chunk in unpack).decode())


def fetch(session: Session, name: str, local: Path, folder: str = "/workspace") -> None:
    """Copies a file or folder of the session into a folder of this machine."""
    said = b""
    with tempfile.TemporaryFile() as packed:
        # `hold`: the command waits for this reader, so that no byte is dropped.
        pack = session.start(["tar", "-c", "-f", "-", "-C", folder, name], hold=True)
        for chunk in pack:
            if chunk.stream == "stdout":
                packed.write(chunk.data)
            else:
                said += chunk.data
        if pack.returncode != 0:
            raise RuntimeError(said.decode())
        packed.seek(0)
        with tarfile.open(fileobj=packed) as archive:
            # The session's files are not trusted: nothing is written outside the folder.
            archive.extractall(local, filter="data")


with OnMemOSClient() as client, client.session(ttl_minutes=10) as session, tempfile.TemporaryDirectory() as folder:
    here = Path(folder)
    (here / "data").mkdir()
    (here / "data" / "all-bytes.bin").write_bytes(bytes(range(256)) * 4096)
    send(session, here / "data")
    print(session.run("wc -c < data/all-bytes.bin", check=True).stdout.strip())  # -> 1048576

    session.run("cp data/all-bytes.bin data/copy.bin && mv data result", check=True)
    fetch(session, "result", here)
    same = (here / "result" / "copy.bin").read_bytes() == (here / "data" / "all-bytes.bin").read_bytes()
    print(sorted(path.name for path in (here / "result").iterdir()), same)  # -> ['all-bytes.bin', 'copy.bin'] True
