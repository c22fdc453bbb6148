"""Makes a virtual environment with pip at the folder given.

`python -m venv` starts pip to install pip, which takes seconds; its bundled wheel unpacked is the same thing. Where
the wheel is not found, that is what is done all the same.
"""

import glob
import os
import sys
import sysconfig
import venv
import zipfile

target = sys.argv[1]
version = "%d.%d" % sys.version_info[:2]


def wheels():
    import ensurepip

    places = [sysconfig.get_config_var("WHEEL_PKG_DIR"), os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]
    names = ["pip"] if sys.version_info >= (3, 12) else ["pip", "setuptools"]
    found = []
    for name in names:
        here = [path for place in places if place for path in sorted(glob.glob(os.path.join(place, name + "-*.whl")))]
        if here:
            found.append(here[0])
    return found if len(found) == len(names) else []


packed = wheels()
venv.create(target, with_pip=not packed, symlinks=True)
if packed:
    packages = os.path.join(target, "lib", "python" + version, "site-packages")
    for path in packed:
        with zipfile.ZipFile(path) as wheel:
            wheel.extractall(packages)
    script = "#!%s\nimport sys\nfrom pip._internal.cli.main import main\nsys.exit(main())\n"
    for name in ("pip", "pip3", "pip" + version):
        path = os.path.join(target, "bin", name)
        with open(path, "w") as file:
            file.write(script % os.path.join(target, "bin", "python"))
        os.chmod(path, 0o755)
