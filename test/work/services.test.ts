import { describe } from 'vitest';
import { apt, type Job, wait, workshop } from './support/workshop.ts';

const SITE = [
  "cat > site.mjs <<'END'",
  "import { createServer } from 'node:http';",
  'createServer((request, response) => response.end("asked for " + request.url)).listen(8123, "127.0.0.1");',
  'END',
];

const JOBS: readonly Job[] = [
  {
    what: 'a web server in the background, which later commands reach',
    lines: [...SITE, 'nohup node site.mjs > /tmp/site.log 2>&1 &', wait('curl -s localhost:8123/there'), 'echo'],
    prints: 'asked for /there\n',
    programs: ['node', 'curl'],
  },
  {
    what: 'which goes on when the command that started it has ended',
    lines: ['curl -s http://127.0.0.1:8123/later'],
    prints: 'asked for /later',
    programs: ['node', 'curl'],
  },
  {
    what: 'packages of npm and a server made with one',
    lines: [
      'mkdir -p express && cd express && npm init -y > /dev/null && npm install --silent --no-audit express > /dev/null',
      `node -e 'const s = require("express")().get("/", (q, r) => r.send("served")).listen(0, async () => {
         console.log(await (await fetch("http://localhost:" + s.address().port)).text()); s.close(); })'`,
    ],
    prints: 'served\n',
    needs: ['npm'],
    programs: ['node'],
  },
  {
    what: 'packages of pip, with a picture drawn',
    lines: [
      'pip install -q numpy matplotlib 2>/dev/null',
      `python3 -c '
import matplotlib, numpy
matplotlib.use("Agg")
from matplotlib import pyplot
pyplot.plot(numpy.arange(4)); pyplot.savefig("/tmp/picture.png")
print(numpy.arange(4).sum(), open("/tmp/picture.png", "rb").read(4))'`,
    ],
    prints: "6 b'\\x89PNG'\n",
    needs: ['pip'],
  },
  {
    what: 'a notebook’s kernel, which keeps its state from cell to cell and is interrupted',
    lines: [
      'pip install -q ipykernel jupyter_client 2>/dev/null',
      "cat > kernel.py <<'END'",
      'from jupyter_client.manager import start_new_kernel',
      'manager, client = start_new_kernel(kernel_name="python3")',
      'def cell(code, interrupt=False):',
      '    asked, shown = client.execute(code), []',
      '    while True:',
      '        message = client.get_iopub_msg(timeout=120)',
      '        if message["parent_header"].get("msg_id") != asked: continue',
      '        content = message["content"]',
      '        if message["msg_type"] == "stream":',
      '            shown.append(content["text"].strip())',
      '            if interrupt: manager.interrupt_kernel()',
      '        elif message["msg_type"] == "error": shown.append(content["ename"])',
      '        elif content.get("execution_state") == "idle": return shown',
      'print(cell("x = 6; print(x)"), cell("print(x * 7)"))',
      'print(cell("import time; print(\'begun\', flush=True); time.sleep(1000)", interrupt=True), cell("print(x)"))',
      'client.stop_channels(); manager.shutdown_kernel(now=True)',
      'END',
      'python3 kernel.py 2>/dev/null',
    ],
    prints: "['6'] ['42']\n['begun', 'KeyboardInterrupt'] ['6']\n",
    needs: ['pip'],
  },
  {
    what: 'sudo, for root and as another user',
    lines: [
      apt('sudo'),
      'sudo id -un 2>/dev/null',
      'sudo -u nobody id -un 2>/dev/null',
      'stat -c "%a %U" /etc/sudoers',
    ],
    prints: 'root\nnobody\n440 root\n',
    needs: ['apt'],
  },
  {
    what: 'a database of its own user: PostgreSQL',
    lines: [
      apt('postgresql'),
      'bin=$(ls -d /usr/lib/postgresql/*/bin); runuser -u postgres -- $bin/initdb -D /tmp/pg > /dev/null',
      'runuser -u postgres -- $bin/pg_ctl -D /tmp/pg -o "-p 5433 -k /tmp" -l /tmp/pg.log -w start > /dev/null',
      'sql() { runuser -u postgres -- psql -h /tmp -p 5433 -qtAc "$1"; }',
      "sql 'create table t (n int); insert into t select generate_series(1, 1000); select sum(n) from t'",
      'runuser -u postgres -- $bin/pg_ctl -D /tmp/pg -m immediate stop > /dev/null',
      'runuser -u postgres -- $bin/pg_ctl -D /tmp/pg -o "-p 5433 -k /tmp" -l /tmp/pg.log -w start > /dev/null',
      "sql 'select count(*) from t'",
      'runuser -u postgres -- $bin/pg_ctl -D /tmp/pg -w stop > /dev/null',
    ],
    prints: '500500\n1000\n',
    needs: ['apt'],
  },
  {
    what: 'a store in memory that forks to save: Redis',
    lines: [
      apt('redis-server'),
      'redis-server --port 7777 --daemonize yes --dir /tmp > /dev/null',
      wait('redis-cli -p 7777 ping > /dev/null 2>&1'),
      'redis-cli -p 7777 set key value',
      'redis-cli -p 7777 bgsave > /dev/null',
      wait(
        'redis-cli -p 7777 info persistence | grep -q "rdb_saves:[1-9]\\|rdb_last_bgsave_status:ok.*" && [ -s /tmp/dump.rdb ]',
      ),
      'redis-cli -p 7777 get key; redis-cli -p 7777 shutdown nosave || true',
    ],
    prints: 'OK\nvalue\n',
    needs: ['apt'],
  },
  {
    what: 'a login by ssh',
    lines: [
      apt('openssh-server'),
      'mkdir -p -m 755 /run/sshd; mkdir -p -m 700 ~/.ssh; ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/work; cp ~/.ssh/work.pub ~/.ssh/authorized_keys',
      '/usr/sbin/sshd -p 2222 -E /tmp/sshd.log',
      'go() { ssh -q -i ~/.ssh/work -p 2222 -o StrictHostKeyChecking=no localhost "$@"; }',
      wait('go true'),
      'go "echo by ssh; cat"  < /etc/hostname | head -n 1',
    ],
    prints: 'by ssh\n',
    needs: ['apt'],
  },
];

describe('services and notebooks in a session', () => workshop(JOBS));
