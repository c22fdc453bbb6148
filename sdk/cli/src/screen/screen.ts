import serializer from '@xterm/addon-serialize';
import headless from '@xterm/headless';
import type { Size } from '../bridge/terminal.ts';
import { unfinished } from './unfinished.ts';

/** Lines above the screen that are drawn too. */
const SCROLLBACK = 200;

/** Modes that the serializer leaves out, each with its state in a new terminal: cursor, mouse encodings. */
const OTHER_MODES: ReadonlyMap<number, boolean> = new Map([
  [25, true],
  [1005, false],
  [1006, false],
  [1015, false],
  [1016, false],
]);

/** What a terminal shows after some output. It answers no queries, and what is drawn has none. */
export interface Screen {
  feed(bytes: Uint8Array): Promise<void>;
  /** The bytes that draw the screen in an empty terminal of the same size, with the modes that are set. */
  drawing(): Buffer;
}

export const openScreen = ({ cols, rows }: Size): Screen => {
  const terminal = new headless.Terminal({ cols, rows, scrollback: SCROLLBACK, allowProposedApi: true });
  const serialize = new serializer.SerializeAddon();
  terminal.loadAddon(serialize as unknown as Parameters<typeof terminal.loadAddon>[0]);
  const modes = new Map(OTHER_MODES);
  const noted =
    (on: boolean) =>
    (params: readonly (number | number[])[]): boolean => {
      for (const mode of params) if (typeof mode === 'number' && modes.has(mode)) modes.set(mode, on);
      // The terminal handles it as well.
      return false;
    };
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'h' }, noted(true));
  terminal.parser.registerCsiHandler({ prefix: '?', final: 'l' }, noted(false));
  terminal.parser.registerEscHandler({ final: 'c' }, () => {
    for (const [mode, usual] of OTHER_MODES) modes.set(mode, usual);
    return false;
  });
  let tail: Uint8Array = new Uint8Array(0);
  return {
    feed: async (bytes) => {
      const all = Buffer.concat([tail, bytes]);
      tail = unfinished(all);
      const whole = all.subarray(0, all.length - tail.length);
      await new Promise<void>((done) => terminal.write(whole, done));
    },
    drawing: () => {
      const changed = [...modes].filter(([mode, on]) => on !== OTHER_MODES.get(mode));
      const set = changed.map(([mode, on]) => `\u001b[?${mode}${on ? 'h' : 'l'}`).join('');
      return Buffer.concat([Buffer.from(serialize.serialize({ scrollback: SCROLLBACK }) + set), tail]);
    },
  };
};
