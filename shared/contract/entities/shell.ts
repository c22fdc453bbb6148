import { z } from 'zod';

/** What a client says on `/shell`, one JSON object per text message. */
export const ShellRequest = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('command'),
      command: z
        .string()
        .min(1)
        .max(131_072)
        .refine((text) => !text.includes('\0'), 'must not contain a NUL byte'),
    }),
    z.object({ type: z.literal('input'), data: z.string() }),
    z.object({
      type: z.literal('resize'),
      cols: z.number().int().min(1).max(1000),
      rows: z.number().int().min(1).max(1000),
    }),
  ])
  .meta({ id: 'ShellRequest' });
export type ShellRequest = z.infer<typeof ShellRequest>;

/** What the server says on `/shell`. */
export const ShellMessage = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('command_result'),
      stdout: z.string(),
      stderr: z.string(),
      returncode: z.number().int(),
      success: z.boolean(),
    }),
    z.object({ type: z.literal('output'), data: z.string() }),
    z.object({ type: z.literal('error'), detail: z.string(), code: z.string() }),
  ])
  .meta({ id: 'ShellMessage' });
export type ShellMessage = z.infer<typeof ShellMessage>;
