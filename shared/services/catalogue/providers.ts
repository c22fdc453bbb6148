import type { z } from 'zod';
import type { ListPage } from '#contract/entities/common.ts';
import type { Provider } from '#contract/entities/catalogue.ts';
import { PROVIDERS } from '#contract/entities/session.ts';
import { maxLifeMinutes, PROVIDER_GPUS } from '#domain/plans.ts';
import { refuseAgents } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';

/** What each provider's name stands for here, what it can do, and why one is off. */
export const listProviders = async (deps: Deps, call: Call): Promise<ListPage<z.infer<typeof Provider>>> => {
  refuseAgents(call);
  const items = PROVIDERS.map((name) => {
    const [compute] = deps.computes.serving(name);
    const own = compute !== undefined && name !== 'auto' && compute.driver !== name;
    const gpus = name === 'auto' || own ? [] : PROVIDER_GPUS[name];
    return {
      name,
      available: compute !== undefined,
      why:
        compute === undefined
          ? (deps.computes.whyOff(name) ?? 'It is not set up here.')
          : own
            ? `Served by the ${compute.driver} driver.`
            : null,
      driver: compute?.driver ?? null,
      images: compute?.capabilities.images ?? false,
      gpu: compute?.capabilities.gpu ?? false,
      gpu_types: [...gpus],
      max_life_minutes: name === 'auto' || own ? null : maxLifeMinutes(name, false),
      isolation: compute?.capabilities.isolation ?? null,
    };
  });
  return { items, next_cursor: null };
};
