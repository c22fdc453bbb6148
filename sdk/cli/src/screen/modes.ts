/** Takes back the modes that a program has set which goes on without our terminal: screen, cursor, mouse, paste. */
export const MODES_BACK =
  '\u001b[?1049l\u001b[?25h\u001b[?1000l\u001b[?1002l\u001b[?1003l\u001b[?1004l\u001b[?1006l\u001b[?2004l\u001b[?1l\u001b>\u001b[0m';
