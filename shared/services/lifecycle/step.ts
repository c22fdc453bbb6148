import type { Deps } from '../kernel/deps.ts';
import type { SessionDoc } from '../model/docs.ts';
import type { Ending } from './begin-end.ts';

/** What one step came to. `soon`: the provider is at work, look again shortly. */
export type StepResult =
  | { readonly done: true }
  | { readonly done: false; readonly soon: boolean; readonly why: string }
  | { readonly fail: Ending };

export type Step = (deps: Deps, session: SessionDoc) => Promise<StepResult>;
