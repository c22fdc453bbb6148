"""Does the verbs that it is asked for on stdin, a line each, and says on stdout what came of them."""

import contextlib
import json
import sys
import threading

from onmemos import OnMemOSClient

client = OnMemOSClient()
sessions = {}


def say(**event):
    """One event, a line."""
    sys.stdout.write(json.dumps(event) + "\n")
    sys.stdout.flush()


def held(kind, name):
    """What is left on purpose from now on."""
    say(event="held", kind=kind, id=name)


def spec(mark):
    """The session of a verb."""
    return {"user": "fuzz", "ttl_minutes": 5, "labels": {"mark": mark}}


def own(asked):
    """The session that all use."""
    name = asked["session"]
    if name not in sessions:
        sessions[name] = client.sessions.get(name)
    return sessions[name]


def text_of(process):
    """All its output."""
    return b"".join(chunk.data for chunk in process).decode()


def started(asked, **options):
    """A command in the background."""
    process = own(asked).start(asked["command"], **options)
    held("exec", process.exec_id)
    return process


def create_block(asked):
    with client.session(spec(asked["mark"])) as session:
        return session.run(asked["command"]).stdout


def create(asked):
    held("session", client.sessions.create(spec(asked["mark"])).id)
    return "ok"


def run(asked):
    return own(asked).run(asked["command"]).stdout


def run_input(asked):
    return own(asked).run(asked["command"], input=asked["text"]).stdout


def stream(asked):
    lines = []
    own(asked).run(asked["command"], on_stdout=lines.append)
    return "".join(line + "\n" for line in lines)


def iterate(asked):
    return text_of(started(asked, hold=True))


def start(asked):
    process = started(asked)
    return f"{text_of(process)}{process.wait()}"


def stdin(asked):
    process = started(asked, stdin=True, hold=True)
    text = asked["text"]

    def write():
        for at in range(0, len(text), 9000):
            process.write(text[at : at + 9000])
        process.close_stdin()

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    got = text_of(process)
    writer.join()
    return got


def signal(asked):
    process = started(asked)
    process.signal("TERM")
    return str(process.wait())


def kill(asked):
    process = started(asked)
    process.kill()
    return str(process.wait())


def shell(asked):
    with own(asked).shell() as opened:
        return opened.command(asked["command"]).stdout


def terminal(asked):
    with own(asked).shell() as opened:
        opened.write(f"echo {asked['mark']}-$((40+2))\nexit\n")
        text = "".join(opened)
    wanted = f"{asked['mark']}-42"
    return wanted if wanted in text else text


def reads(asked):
    session = own(asked)
    session.refresh()
    session.cost()
    session.usage()
    list(client.sessions.list(user="fuzz"))
    client.sessions.estimate(spec(asked["mark"]))
    return "ok"


def delete(asked):
    return client.sessions.delete(asked["prepared"]).status


def workspace(asked):
    mark = asked["mark"]
    client.workspaces.create("fuzz", mark, mark, "dev_micro")
    held("workspace", mark)
    client.workspaces.get("fuzz", mark)
    client.workspaces.delete("fuzz", mark)
    return "ok"


def key(asked):
    made = client.keys.create(asked["mark"], user_id="fuzz")
    held("key", made.key_id)
    client.keys.revoke(made.key_id)
    return "ok"


def follow(asked):
    return text_of(own(asked).process(asked["prepared"]))


def execute(asked):
    return client.execs.execute(asked["session"], asked["command"]).stdout


def extend(asked):
    own(asked).extend(60)
    return "ok"


ALIASES = {"run_sleep": "run", "stream_sleep": "stream"}

for line in sys.stdin:
    asked = json.loads(line)
    name = asked["verb"].replace("-", "_")
    verb = globals()[ALIASES.get(name, name)]
    try:
        output = verb(asked)
    except Exception as error:
        say(event="failed", id=asked["id"], error=f"{type(error).__name__}: {error}")
        continue
    with contextlib.suppress(BrokenPipeError):
        say(event="done", id=asked["id"], output=output)
