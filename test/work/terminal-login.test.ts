import { describe } from 'vitest';
import { apt, type Job, wait, workshop } from './support/workshop.ts';

const JOBS: readonly Job[] = [
  {
    what: 'by ssh, which gives it a terminal',
    lines: [
      apt('openssh-server'),
      'mkdir -p -m 755 /run/sshd; mkdir -p -m 700 ~/.ssh; ssh-keygen -q -t ed25519 -N "" -f ~/.ssh/work; cp ~/.ssh/work.pub ~/.ssh/authorized_keys',
      '/usr/sbin/sshd -p 2222 -E /tmp/sshd.log',
      'go() { ssh -q -tt -i ~/.ssh/work -p 2222 -o StrictHostKeyChecking=no localhost "$@" < /dev/null; }',
      wait('ssh -q -i ~/.ssh/work -p 2222 -o StrictHostKeyChecking=no localhost true'),
      'go "test -t 0 && tty" | tr -d "\\r"',
    ],
    prints: /^\/dev\/pts\/\d+\n$/,
    needs: ['apt'],
  },
  {
    what: 'by su, as the user of a database',
    lines: [apt('postgresql'), 'su postgres -c "id -un"'],
    prints: 'postgres\n',
    needs: ['apt'],
  },
];

describe('a login in a session', () => workshop(JOBS));
