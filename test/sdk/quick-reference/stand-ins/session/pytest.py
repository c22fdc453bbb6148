"""As much of pytest as the snippets need: `python -m pytest` runs the test functions below the current folder."""

import importlib.util
import pathlib
import sys


def main() -> int:
    passed = failed = 0
    for path in sorted(pathlib.Path.cwd().rglob("test_*.py")):
        spec = importlib.util.spec_from_file_location(path.stem, path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for name, test in sorted(vars(module).items()):
            if not name.startswith("test_") or not callable(test):
                continue
            try:
                test()
                passed += 1
            except AssertionError as problem:
                failed += 1
                print(f"FAILED {path.name}::{name} {problem}")
    print(f"{failed} failed, {passed} passed" if failed else f"{passed} passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
