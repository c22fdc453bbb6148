import headless from '@xterm/headless';
import type { Exec, OnMemOSClient, OutputEvent } from 'onmemos';
import { describe, expect, it } from 'vitest';
import { screenOf } from './draw.ts';
import { openScreen } from './screen.ts';
import { safeStart, unfinished } from './unfinished.ts';

const SIZE = { cols: 40, rows: 6 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** What a person sees, where the cursor is, and what the terminal has answered by itself. */
const seen = async (...pieces: readonly Uint8Array[]) => {
  const terminal = new headless.Terminal({ ...SIZE, scrollback: 200, allowProposedApi: true });
  let answers = '';
  terminal.onData((data) => {
    answers += data;
  });
  for (const piece of pieces) await new Promise<void>((done) => terminal.write(piece, done));
  const { active } = terminal.buffer;
  const lines = Array.from({ length: SIZE.rows }, (_, i) =>
    active.getLine(active.viewportY + i)?.translateToString(true),
  );
  const { mouseTrackingMode, bracketedPasteMode, applicationCursorKeysMode } = terminal.modes;
  const modes = { mouseTrackingMode, bracketedPasteMode, applicationCursorKeysMode };
  return { lines, cursor: [active.cursorX, active.cursorY], buffer: active.type, modes, answers };
};

/** A shell, then an editor as vim draws it: other screen, queries of device, cursor and colour, status line, mouse. */
const VIM =
  '$ vim notes\r\n\u001b[?1049h\u001b[?1h\u001b=\u001b[?2004h\u001b[?1000h\u001b[?1006h\u001b[?25l\u001b[H\u001b[2J' +
  '\u001b[c\u001b[>c\u001b[6n\u001b]11;?\u0007\u001bP+q544e\u001b\\\u001b[?12$p' +
  '\u001b[1;1H\u001b[31m経済\u001b[0m and e\u0301 👩‍💻\r\n\u001b[34m~\u001b[0m\u001b[6;1H\u001b[7mnotes  1,1\u001b[0m\u001b[1;3H\u001b[?25h';

const drawn = async (text: string): Promise<Buffer> => {
  const screen = openScreen(SIZE);
  await screen.feed(bytes(text));
  return screen.drawing();
};

describe('the screen of a terminal', () => {
  it('is drawn as it was, with its modes, and no query is in it', async () => {
    const [before, after] = [await seen(bytes(VIM)), await seen(await drawn(VIM))];
    expect(before.answers).not.toBe('');
    expect(after).toEqual({ ...before, answers: '' });
    expect(after.lines[0]).toBe('経済 and e\u0301 👩‍💻');
    expect(after.buffer).toBe('alternate');
  });

  it('has the modes that the serializer leaves out', async () => {
    const hidden = (await drawn(`${VIM}\u001b[?25l`)).toString();
    for (const mode of ['?1006h', '?25l']) expect(hidden).toContain(mode);
    expect((await drawn(`${VIM}\u001bc`)).toString()).not.toContain('?1006h');
  });

  it('goes on where it was cut: in a sequence, a string, or a character', async () => {
    const whole = bytes(`${VIM}\u001b[2;5Hx\u001b]0;title\u0007経y\u001bPq#1\u001b\\z`);
    const wanted = { ...(await seen(whole)), answers: expect.anything() };
    for (let at = bytes(VIM).length; at <= whole.length; at += 1) {
      const screen = openScreen(SIZE);
      await screen.feed(whole.subarray(0, at));
      expect(await seen(screen.drawing(), whole.subarray(at)), `cut at ${at}`).toEqual(wanted);
    }
  });
});

it('knows what of some output is not whole', () => {
  const tail = (text: string): string => Buffer.from(unfinished(Buffer.from(text, 'latin1'))).toString('latin1');
  for (const whole of ['', 'a', 'a\u001b[1m', '\u001b]0;t\u0007', '\u001bPq\u001b\\', '\u001b7', '\u001b(B', 'é'])
    expect(tail(Buffer.from(whole).toString('latin1')), whole).toBe('');
  for (const cut of [
    '\u001b',
    '\u001b[',
    '\u001b[1;',
    '\u001b]0;t',
    '\u001bPq',
    '\u001bPq\u001b',
    '\u001b(',
    '\u00e7\u00b5',
  ])
    expect(tail(`text${cut}`), JSON.stringify(cut)).toBe(cut);
  expect(safeStart(bytes('2;5Hab\u001b[1m'))).toBe(6);
  expect(safeStart(bytes('abc'))).toBe(3);
});

describe('a log that is longer than what is read of it', () => {
  const clientOf = (text: Uint8Array): OnMemOSClient => {
    async function* output(_s: string, _e: string, { from = 0 }: { from?: number }): AsyncGenerator<OutputEvent> {
      for (let at = from; at < text.length; at += 65_536) {
        const data = text.subarray(at, at + 65_536);
        yield { type: 'chunk', seq: at, end: at + data.length, stream: 'stdout', time: null, data };
      }
    }
    return { execs: { output } } as unknown as OnMemOSClient;
  };

  it('begins at a whole sequence, and ends where it ended when it was asked for', async () => {
    const line = '\u001b[31mred\u001b[0m text\r\n';
    const text = bytes(`${line.repeat(150_000)}prompt> later`);
    const exec = { session_id: 's', exec_id: 'e', next_offset: text.length - ' later'.length } as Exec;
    const drawing = await screenOf(clientOf(text), exec, SIZE, new AbortController().signal);
    const { lines, cursor } = await seen(drawing);
    expect([lines, cursor]).toEqual([
      [...Array(5).fill('red text'), 'prompt>'],
      [7, 5],
    ]);
    expect(drawing.length).toBeLessThan(20_000);
  });
});
