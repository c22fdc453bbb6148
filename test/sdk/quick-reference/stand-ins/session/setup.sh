#!/bin/sh
# Lays out in a new session what the snippets presume to be there. Runs in the folder that the stand-ins lie in.
set -eu
cp train.py script1.py script2.py script3.py /workspace/
mkdir -p /app apt/state/lists/partial apt/cache/archives/partial apt/log
cp start.sh /app/start.sh
chmod +x /app/start.sh
mv apt-status apt/status
# Images without Python get one with pip and pytest, as the development snippets run both in an Ubuntu session.
if [ ! -d /venv ]; then
  python3 -I make-venv.py "$PWD/venv"
  cp pytest.py "$("$PWD/venv/bin/python" -c 'import site; print(site.getsitepackages()[0])')/"
fi
# A machine of another family has no apt-get, which the Ubuntu image would bring.
if ! command -v apt-get > apt/where; then
  mkdir -p bin
  printf '#!/bin/sh\necho "apt-get $*"\n' > bin/apt-get
  chmod +x bin/apt-get
fi
