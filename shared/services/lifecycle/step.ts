import type { Deps } from '../kernel/deps.ts';
import type { SessionDoc } from '../model/docs.ts';
import type { Ending } from './begin-end.ts';
import type { Pace } from './intents.ts';

/** What one step came to. `again`: when to look once more (`Pace`), which the provider may say. */
export type StepResult =
  | { readonly done: true }
  | { readonly done: false; readonly again: Pace; readonly why: string }
  | { readonly fail: Ending };

export type Step = (deps: Deps, session: SessionDoc) => Promise<StepResult>;
