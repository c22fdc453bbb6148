import { z } from 'zod';
import { Command } from './exec.ts';

/** Messages of a client on `/shell`: one JSON object per text message. */
export const ShellRequest = z
  .discriminatedUnion('type', [
    z.strictObject({
      type: z.literal('command').meta({ description: 'Runs a command beside the terminal.' }),
      command: Command.meta({ description: 'Line for `/bin/sh -c`.' }),
    }),
    z.strictObject({
      type: z.literal('input').meta({ description: 'Types into the terminal, which starts at the first input.' }),
      data: z.string().meta({ description: 'The text to type.' }),
    }),
    z.strictObject({
      type: z.literal('resize').meta({ description: 'Sets the size of the terminal.' }),
      cols: z.number().int().min(1).max(1000).meta({ description: 'Width in characters.' }),
      rows: z.number().int().min(1).max(1000).meta({ description: 'Height in characters.' }),
    }),
  ])
  .meta({ id: 'ShellRequest' });
export type ShellRequest = z.infer<typeof ShellRequest>;

/** Messages of the server on `/shell`. */
export const ShellMessage = z
  .discriminatedUnion('type', [
    z.object({
      type: z.literal('command_result').meta({ description: 'The result of a command.' }),
      stdout: z.string().meta({ description: 'Output as text.' }),
      stderr: z.string().meta({ description: 'Error output as text.' }),
      returncode: z.number().int().meta({ description: 'Exit code; 128 + n if signal n ended it.' }),
      success: z.boolean().meta({ description: 'Whether `returncode` is 0.' }),
    }),
    z.object({
      type: z.literal('output').meta({ description: 'Output of the terminal.' }),
      data: z.string().meta({ description: 'Text with control sequences.' }),
    }),
    z.object({
      type: z.literal('error').meta({ description: 'A message was refused.' }),
      detail: z.string().meta({ description: 'A sentence that says what is wrong.' }),
      code: z.string().meta({ description: 'The error code, from a closed list.' }),
    }),
  ])
  .meta({ id: 'ShellMessage' });
export type ShellMessage = z.infer<typeof ShellMessage>;
