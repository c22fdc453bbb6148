"""Tries in a folder what programs expect of a file system. Prints one JSON object: what was tried, and what it gave."""

import ctypes
import fcntl
import json
import mmap
import os
import socket
import struct
import sys

os.makedirs(sys.argv[1])
os.chdir(sys.argv[1])
seen = {}


def probe(function):
    try:
        seen[function.__name__] = function()
    except OSError as error:
        seen[function.__name__] = f"{type(error).__name__}: {error}"
    return function


def write(name, data=b""):
    with open(name, "wb") as file:
        file.write(data)


@probe
def maps_a_file():
    write("mapped", bytes(8192))
    with open("mapped", "r+b") as file, mmap.mmap(file.fileno(), 0) as memory:
        memory[4096:4098] = b"hi"
        memory.flush()
    with open("mapped", "rb") as file:
        return file.read()[4096:4098].decode()


@probe
def locks_exclude_others():
    write("lock")
    held, other = open("lock", "r+"), open("lock", "r+")
    fcntl.flock(held, fcntl.LOCK_EX)
    child = os.fork()
    if child == 0:
        taken = 0
        for take in (fcntl.flock, fcntl.lockf):
            try:
                take(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                taken += 1
        os._exit(taken)
    whole = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    fcntl.lockf(held, fcntl.LOCK_EX)
    child = os.fork()
    if child == 0:
        try:
            fcntl.lockf(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os._exit(1)
        os._exit(0)
    return [whole, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])]


@probe
def writes_past_the_cache():
    fd = os.open("direct", os.O_CREAT | os.O_RDWR | os.O_DIRECT)
    return os.write(fd, mmap.mmap(-1, 4096))


@probe
def links():
    write("linked")
    os.link("linked", "second")
    os.symlink("linked", "symbolic")
    return [os.stat("second").st_nlink, os.readlink("symbolic")]


@probe
def keeps_attributes():
    os.setxattr("linked", "user.note", b"kept")
    return os.getxattr("linked", "user.note").decode()


@probe
def keeps_holes_and_reservations():
    with open("sparse", "wb") as file:
        file.truncate(1 << 30)
    fd = os.open("reserved", os.O_CREAT | os.O_RDWR)
    os.posix_fallocate(fd, 0, 1 << 20)
    return [os.stat("sparse").st_blocks < 100, os.stat("reserved").st_blocks * 512 >= 1 << 20]


@probe
def tells_cases_and_letters_apart():
    for name in ("Case", "case", "\u00e9", "e\u0301", b"\xff\xfe", "n" * 255):
        write(name)
    return len([name for name in os.listdir(b".") if name.lower() == b"case"]) + os.path.exists("CASE")


@probe
def renames_files_and_folders():
    os.makedirs("folder/inner")
    os.rename("folder", "renamed")
    os.replace("linked", "renamed/inner/moved")
    return os.path.exists("renamed/inner/moved")


@probe
def runs_what_is_executable():
    write("program", b"#!/bin/sh\necho it runs\n")
    os.chmod("program", 0o755)
    return os.popen("./program").read()


@probe
def keeps_times():
    os.utime("second", ns=(1, 1_234_567_890_123_456_789))
    return os.stat("second").st_mtime_ns


@probe
def makes_files_without_names():
    os.close(os.open(".", os.O_TMPFILE | os.O_RDWR))
    return True


@probe
def holds_sockets_and_pipes():
    server = socket.socket(socket.AF_UNIX)
    server.bind(os.path.join(os.getcwd(), "s" * (100 - len(os.getcwd()))))
    server.listen()
    client = socket.socket(socket.AF_UNIX)
    client.connect(server.getsockname())
    os.mkfifo("pipe")
    return len(server.getsockname())


@probe
def tells_of_changes():
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init()
    libc.inotify_add_watch(fd, b".", 0x100)
    write("new")
    return os.read(fd, 4096)[struct.calcsize("iIII") :].rstrip(b"\0").decode()


@probe
def goes_deep():
    here = os.open(".", os.O_RDONLY)
    # A path of more than PATH_MAX.
    name = "deep" * 50
    for _ in range(25):
        os.mkdir(name)
        os.chdir(name)
    write("bottom")
    os.fchdir(here)
    return os.system("find . -name bottom | wc -l | grep -qx 1 && rm -rf deep*") == 0


@probe
def says_its_size():
    size = os.statvfs(".")
    return size.f_blocks >= size.f_bavail > 0 and size.f_namemax == 255 and size.f_files >= size.f_favail


print(json.dumps(seen))
