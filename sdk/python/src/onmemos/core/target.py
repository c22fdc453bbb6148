"""Which server to talk to, and with which key."""

from __future__ import annotations

import getpass
import json
import os
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Mapping, Optional, Tuple
from urllib.parse import urlsplit

from onmemos.core.values import address
from onmemos.core.values import api_key as checked_key
from onmemos.core.values import user as checked_user
from onmemos.errors import InvalidOption

DEFAULT_URL = "http://127.0.0.1:8080"
_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


@dataclass(frozen=True)
class Target:
    """A server and the key for it."""

    base_url: str
    api_key: Optional[str] = field(default=None, repr=False)
    user: Optional[str] = None
    """Who sessions are for where a call does not say; None leaves it to the key."""
    refused_key: Optional[InvalidOption] = field(default=None, repr=False, compare=False)
    """Why the key that was given is none."""

    def check_key(self) -> None:
        """Before each call.

        Raises:
            InvalidOption: the key that was given is none.
        """
        if self.refused_key is not None:
            # A new one, since its traceback grows with each raise.
            raise InvalidOption(self.refused_key.message, hint=self.refused_key.hint)

    @property
    def is_loopback(self) -> bool:
        """Whether it is on this machine, where no proxy is to be asked."""
        return urlsplit(self.base_url).hostname in _LOOPBACK

    @property
    def websocket_url(self) -> str:
        """The same server for WebSockets."""
        return "ws" + self.base_url[len("http") :]


def find_target(
    base_url: Optional[str] = None,
    api_key: Optional[str] = None,
    environ: Optional[Mapping[str, str]] = None,
    user: Optional[str] = None,
) -> Target:
    """Takes what is given, else what the environment says, else the local server of this machine.

    The key of the local server goes to that server alone, never to another address. It acts for anyone, and there one
    acts as oneself: sessions are for the user of this machine, unless another is named.

    A text that is no key is refused by `Target.check_key` before a call, so that a client can be made outside the `try`
    of its program.

    Raises:
        InvalidOption: what is given is no address or no user.
    """
    env = os.environ if environ is None else environ
    local = _local_server(data_dir(env))
    said = _first(("base_url", base_url), ("ONMEMOS_BASE_URL", env.get("ONMEMOS_BASE_URL")))
    url = address(*said) if said else local.base_url if local else DEFAULT_URL
    said = _first(("api_key", api_key), ("ONMEMOS_API_KEY", env.get("ONMEMOS_API_KEY")))
    key, refused = _key(*said) if said else (None, None)
    who = checked_user("user", user) or checked_user("ONMEMOS_USER", env.get("ONMEMOS_USER"))
    if key is None and refused is None and local and _address(local.base_url) == _address(url):
        key, refused = _key("admin.key of the local server's data folder", local.api_key)
        who = who or _own_name()
    return Target(url, key, who, refused)


def _key(name: str, text: Optional[str]) -> Tuple[Optional[str], Optional[InvalidOption]]:
    """The key, or why it is none."""
    try:
        return checked_key(name, text), None
    except InvalidOption as error:
        return None, InvalidOption(error.message, hint=error.hint)


def _first(*named: Tuple[str, Any]) -> Optional[Tuple[str, Any]]:
    """The first that is not empty, with the name of where it comes from."""
    return next(((name, value) for name, value in named if value and str(value).strip()), None)


def data_dir(env: Mapping[str, str]) -> Optional[Path]:
    """The folder in which a local server keeps its data; None where there is no home for it."""
    if chosen := env.get("ONMEMOS_DATA_DIR"):
        return Path(chosen)
    share = Path(env.get("XDG_DATA_HOME") or ".")
    if share.is_absolute():
        return share / "onmemos"
    home = _home(env)
    return None if home is None else home / ".local" / "share" / "onmemos"


def _home(env: Mapping[str, str]) -> Optional[Path]:
    """The home folder. A relative HOME would mean another folder with each current one, so it counts as unset."""
    if (named := Path(env.get("HOME") or ".")).is_absolute():
        return named
    try:
        if sys.platform == "win32":
            home = Path.home()
        else:
            import pwd  # Not on Windows.

            home = Path(pwd.getpwuid(os.getuid()).pw_dir)
    except (KeyError, RuntimeError, ImportError):
        # A user without an entry in the system's list, as in many containers.
        return None
    return home if home.is_absolute() else None


def _local_server(folder: Optional[Path]) -> Optional[Target]:
    if folder is None:
        return None
    try:
        note = json.loads((folder / "server.json").read_text("utf-8"))
        url, pid = note["url"], note["pid"]
        if not isinstance(url, str) or not isinstance(pid, int) or not _lives(pid):
            return None
    except (OSError, ValueError, KeyError, TypeError):
        return None
    try:
        key: Optional[str] = (folder / "admin.key").read_text("utf-8")
    except (OSError, ValueError):
        key = None
    try:
        return Target(address("url of server.json", url), key)
    except InvalidOption:
        return None


def _own_name() -> str:
    try:
        name = getpass.getuser()
    except (OSError, KeyError, ImportError):
        # A user without an entry in the system's list, as in many containers.
        return "me"
    try:
        return checked_user("the user of this machine", name) or "me"
    except InvalidOption:
        return "me"


def _lives(pid: int) -> bool:
    """Whether the process is there: a server that was killed leaves its note, and its port may be another's by now."""
    if os.name != "posix":
        return True
    try:
        os.kill(pid, 0)
    except PermissionError:
        return True
    except OSError:
        return False
    return True


def _address(url: str) -> object:
    parts = urlsplit(url)
    host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
    return parts.scheme, host, parts.port
