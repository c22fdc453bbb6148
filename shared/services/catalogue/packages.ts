import type { z } from 'zod';
import type { ListPage } from '#contract/entities/common.ts';
import type { Package } from '#contract/entities/catalogue.ts';
import { PROVIDERS } from '#contract/entities/session.ts';
import { allowsPackage, userTypesWith } from '#domain/entitlements.ts';
import { usd } from '#domain/money.ts';
import { PACKAGES, type ResourcePackage } from '#domain/packages.ts';
import type { PlanInput } from '#domain/plans.ts';
import { planOn } from '#domain/plans.ts';
import { ratePerHour } from '#domain/pricing.ts';
import type { PriceTable } from '#domain/prices.ts';
import { formatCpu, formatMemory } from '#domain/sizes.ts';
import { keyOf } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { userKey, users } from '../model/collections.ts';
import { unknownUser } from '../kernel/users.ts';

const inputOf = (entry: ResourcePackage): PlanInput => ({
  cpu_request_millis: entry.cpu_millis,
  cpu_limit_millis: entry.cpu_millis,
  memory_request_mb: entry.memory_mb,
  memory_limit_mb: entry.memory_mb,
  gpu: entry.gpu,
});

const priced = (entry: ResourcePackage, table: PriceTable): Record<string, number | null> => {
  const onCloud = PROVIDERS.filter((name) => name !== 'auto').map((provider): [string, number | null] => {
    const plan = planOn(provider, inputOf(entry));
    const rate = plan.ok ? ratePerHour(plan, table).total : null;
    return [provider, rate === null ? null : usd(rate)];
  });
  return Object.fromEntries([['local', 0], ...onCloud]);
};

/** The catalogue: sizes, who may use them, and what an hour costs at each provider. */
export const listPackages = async (deps: Deps, call: Call): Promise<ListPage<z.infer<typeof Package>>> => {
  const table = deps.settings.prices;
  const id = keyOf(call.actor)?.user_id ?? null;
  const user = id === null ? null : ((await lookupIn(deps.store).get(users, userKey(id))) ?? unknownUser(deps, id));
  const items = PACKAGES.map((entry) => ({
    name: entry.name,
    cpu: formatCpu(entry.cpu_millis),
    memory: formatMemory(entry.memory_mb),
    cpu_millis: entry.cpu_millis,
    memory_mb: entry.memory_mb,
    gpu: entry.gpu === null ? null : { ...entry.gpu },
    default_image: entry.default_image,
    allowed_user_types: [...userTypesWith(entry.name)],
    allowed: user === null ? null : allowsPackage(user.user_type, entry.name),
    cost_per_hour: priced(entry, table),
    currency: table.currency,
    price_list: table.name,
  }));
  return { items, next_cursor: null };
};
