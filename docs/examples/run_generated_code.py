"""Run code that a model has written. The code gets its own sandbox, five seconds and the smallest package."""

from onmemos import OnMemOSClient

GENERATED = {
    "primes": "print([n for n in range(2, 30) if all(n % d for d in range(2, n))])",
    "endless": "while True: pass",
    "broken": "print(undefined_name)",
}


def report(session, code: str) -> str:
    """Returns what a model should see: the exit code and the end of the output."""
    result = session.run(["python3", "-c", code], timeout=5)
    if result.timed_out:
        return "stopped after 5 seconds"
    lines = (result.stdout + result.stderr).strip().splitlines()
    return f"exit code {result.returncode}: {lines[-1]}"


with OnMemOSClient() as client:
    # A session for each piece of code: one can't see the files or processes of another.
    for name, code in GENERATED.items():
        with client.session(user="robot", resource_package="dev_micro", ttl_minutes=5) as session:
            print(f"{name}: {report(session, code)}")
# -> primes: exit code 0: [2, 3, 5, 7, 11, 13, 17, 19, 23, 29]
# -> endless: stopped after 5 seconds
# -> broken: exit code 1: NameError: name 'undefined_name' is not defined
