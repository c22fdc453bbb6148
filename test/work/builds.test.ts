import { describe } from 'vitest';
import { apt, type Job, wait, workshop } from './support/workshop.ts';

const JOBS: readonly Job[] = [
  {
    what: 'C, by gcc and by cmake, with threads, and traced',
    lines: [
      'mkdir -p c && cd c',
      "cat > main.c <<'END'",
      '#include <pthread.h>',
      '#include <stdio.h>',
      'static void *half(void *n) { *(int *)n /= 2; return 0; }',
      'int main(void) { int n = 84; pthread_t t; pthread_create(&t, 0, half, &n); pthread_join(t, 0); printf("%d\\n", n); }',
      'END',
      'gcc -O2 -pthread main.c -o main && ./main',
      'printf "cmake_minimum_required(VERSION 3.10)\\nproject(p C)\\nfind_package(Threads REQUIRED)\\nadd_executable(p main.c)\\ntarget_link_libraries(p Threads::Threads)\\n" > CMakeLists.txt',
      'cmake -S . -B build > /dev/null && cmake --build build -j 2 > /dev/null && build/p',
      'if command -v strace > /dev/null; then strace -f -o trace ./main > /dev/null; grep -c "exited with 0" trace | head -n 1 | grep -qv "^0"; fi',
    ],
    prints: '42\n42\n',
    programs: ['gcc', 'cmake'],
  },
  {
    what: 'Git: a repository, its clone in another folder, a branch merged',
    lines: [
      'git config --global user.name a; git config --global user.email a@b; git config --global init.defaultBranch main',
      'rm -rf /tmp/origin copy; git init -q /tmp/origin; cd /tmp/origin; echo one > file; git add .; git commit -qm first',
      'git clone -q /tmp/origin /workspace/copy; cd /workspace/copy; git switch -qc other; echo two >> file; git commit -qam second',
      'git switch -q main; git merge -q --no-ff -m merged other; git push -q origin main:from-copy; git -C /tmp/origin log -1 --format=%s from-copy; git -C /tmp/origin show from-copy:file',
    ],
    prints: 'merged\none\ntwo\n',
    programs: ['git'],
  },
  {
    what: 'Go, with a module',
    lines: [
      'export PATH=$PATH:/usr/local/go/bin; mkdir -p gomod && cd gomod && go mod init example.com/x 2>/dev/null',
      'printf \'package main\\nimport ("fmt"; "github.com/google/uuid")\\nfunc main() { fmt.Println(len(uuid.NewString())) }\\n\' > main.go',
      'go get -v github.com/google/uuid@v1.6.0 2>/dev/null; go build -o x . && ./x',
    ],
    prints: '36\n',
    needs: ['go'],
    programs: ['go'],
  },
  {
    what: 'uv: an environment, a package, its tests',
    lines: [
      'pip install -q uv 2>/dev/null; uv venv -q --clear /tmp/uv; . /tmp/uv/bin/activate',
      'uv pip install -q pytest; printf "def test_it(): assert 1 + 1 == 2\\n" > test_it.py; pytest -q test_it.py | grep -o "1 passed"',
    ],
    // Where a proxy has a certificate of its own, uv looks at its own list unless it is told to take the machine's.
    env: { UV_SYSTEM_CERTS: '1', UV_NATIVE_TLS: '1' },
    prints: '1 passed\n',
    needs: ['pip'],
  },
  {
    what: 'Vite: a page served while it is changed, and built',
    lines: [
      'mkdir -p page && cd page && printf \'{"type":"module"}\' > package.json && npm install --silent --no-audit vite > /dev/null',
      'printf "<script type=module src=main.js></script>" > index.html; echo "document.body.textContent = 6 * 7" > main.js',
      'npx vite --port 5173 --host 127.0.0.1 > vite.log 2>&1 & server=$!',
      wait('curl -s 127.0.0.1:5173/main.js | grep -o "6 \\* 7"'),
      'echo "document.body.textContent = 7 * 7" > main.js',
      wait('curl -s 127.0.0.1:5173/main.js | grep -o "7 \\* 7"'),
      'kill $server; npx vite build > /dev/null 2>&1; ls dist',
    ],
    prints: '6 * 7\n7 * 7\nassets\nindex.html\n',
    needs: ['npm'],
    programs: ['node', 'curl'],
  },
  {
    what: 'Claude Code, installed for all, which says what it lacks',
    lines: [
      'npm install --silent --no-audit -g @anthropic-ai/claude-code > /dev/null; claude --version',
      'echo hello | timeout 60 claude -p 2>&1 | head -n 3 || true',
    ],
    prints: /^\d+\.\d+\.\d+ \(Claude Code\)\n[\s\S]*\/login/,
    needs: ['npm'],
    programs: ['node'],
  },
  {
    what: 'Cargo, with a crate',
    lines: [
      // Debian's newer one, where there is one: the older asks GitHub for the list of crates.
      apt('$(apt-cache show cargo-web > /dev/null 2>&1 && echo cargo-web || echo cargo)'),
      'rm -rf hello; cargo new -q hello 2>/dev/null; cd hello; cargo add -q itoa',
      'printf \'fn main() { println!("{}", itoa::Buffer::new().format(6 * 7)); }\\n\' > src/main.rs; cargo run -q',
    ],
    prints: '42\n',
    needs: ['apt'],
  },
  {
    what: 'ffmpeg: a film made, and turned into a picture that moves',
    lines: [
      'command -v ffmpeg > /dev/null || {',
      apt('ffmpeg'),
      '}',
      'ffmpeg -v error -f lavfi -i testsrc=duration=1:size=64x64:rate=5 -y /tmp/film.mp4; ffmpeg -v error -i /tmp/film.mp4 -y /tmp/film.gif',
      'ffprobe -v error -show_entries stream=codec_name,width -of csv=p=0 /tmp/film.gif',
    ],
    prints: 'gif,64\n',
    needs: ['apt'],
  },
];

describe('builds and tools in a session', () => workshop(JOBS));
