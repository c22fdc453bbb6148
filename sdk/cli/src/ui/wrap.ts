const WIDEST = 80;

/** Fills lines up to a width. A line that begins with a space is an example and is not changed. */
export const wrap = (text: string, width: number = WIDEST): string => {
  const lines: string[] = [];
  let open = false;
  for (const line of text.split('\n')) {
    if (line.trim() === '' || line.startsWith(' ')) {
      lines.push(line);
      open = false;
      continue;
    }
    for (const word of line.split(' ')) {
      const last = lines.at(-1);
      if (open && last !== undefined && last.length + 1 + word.length <= width)
        lines[lines.length - 1] = `${last} ${word}`;
      else lines.push(word);
      open = true;
    }
  }
  return lines.join('\n');
};
