import type { z } from 'zod';
import type { Estimate } from '#contract/entities/cost.ts';
import { PROVIDERS } from '#contract/entities/session.ts';
import { storageReservation } from '#domain/budget.ts';
import { estimate } from '#domain/estimate.ts';
import { formatUsd } from '#domain/money.ts';
import { isPackageName } from '#domain/packages.ts';
import type { PlanInput } from '#domain/plans.ts';
import { planOn } from '#domain/plans.ts';
import { DEFAULT_WORKSPACE_PACKAGE } from '#domain/entitlements.ts';
import type { PriceTable } from '#domain/prices.ts';
import type { BilledStorage } from '#domain/storage-pricing.ts';
import type { Plan, Refusal } from '#ports/compute.ts';
import { missingOrHidden, Problem } from '#contract/errors.ts';
import { roleIn } from '../kernel/access.ts';
import type { Call } from '../kernel/call.ts';
import type { Deps } from '../kernel/deps.ts';
import { lookupIn } from '../kernel/lookup.ts';
import { billNote } from '../billing/note.ts';
import { billedPlan } from '../billing/prices.ts';
import { userKey, users, workspaceKey, workspaces } from '../model/collections.ts';
import { DEFAULT_WORKSPACE } from '../workspaces/default.ts';
import { parseCreate, type CreateInput, sizeOf } from './create/parse-create.ts';
import { place, specOf } from './create/place.ts';

type Wire = z.infer<typeof Estimate>;

/** The package of the workspace that the session would be in. @throws Problem not_found */
const packageFor = async (deps: Deps, call: Call, owner: string, workspaceId: string) => {
  const lookup = lookupIn(deps.store);
  const workspace = await lookup.get(workspaces, workspaceKey(owner, workspaceId));
  const role = await roleIn(lookup, call, owner, workspaceId);
  if (role === 'viewer')
    throw new Problem(
      'forbidden',
      'A viewer may not create sessions in this workspace; ask its owner to make you an editor.',
    );
  const seen = role !== null;
  if (seen && workspace && workspace.status !== 'deleted' && isPackageName(workspace.resource_package))
    return workspace.resource_package;
  if (seen && workspaceId === DEFAULT_WORKSPACE) {
    return DEFAULT_WORKSPACE_PACKAGE[
      (await lookup.get(users, userKey(owner)))?.user_type ?? deps.settings.default_user_type
    ];
  }
  throw missingOrHidden('workspace', workspaceId);
};

const storageOf = (
  kinds: { readonly volume: string; readonly bucket: string },
  volume: { size_gb: number } | null,
  bucket: { size_gb: number } | null,
): BilledStorage[] => [
  ...(volume ? [{ kind: 'volume' as const, provider: kinds.volume, size_gb: volume.size_gb }] : []),
  ...(bucket ? [{ kind: 'bucket' as const, provider: kinds.bucket, size_gb: bucket.size_gb }] : []),
];

/** Storage outlives the session: its price to the session's end is not what it costs. */
const storageWarnings = (storage: readonly BilledStorage[], now: number, table: PriceTable): readonly string[] => {
  const nano = storage
    .flatMap((piece) => Object.values(storageReservation(piece, now, table)))
    .reduce((sum, each) => sum + each, 0);
  if (nano === 0) return [];
  return [
    `Storage is billed until it is deleted: up to ${formatUsd(nano)} from now to the end of this month. A budget that refuses reserves that.`,
  ];
};

/** What each provider of Google Cloud would run and cost: known here whether it is set up or not. */
const elsewhere = (
  input: PlanInput,
  ttl: number,
  volume: { size_gb: number } | null,
  bucket: { size_gb: number } | null,
  table: PriceTable,
): Record<string, unknown>[] =>
  PROVIDERS.filter((name) => name !== 'auto').map((provider) => {
    const plan = planOn(provider, { ...input, life_minutes: ttl });
    return plan.ok
      ? { provider, ...estimate(plan, storageOf({ volume: provider, bucket: provider }, volume, bucket), ttl, table) }
      : { provider, refused: { field: plan.field, message: plan.message } };
  });

/** What a session would cost, from the very same plan and prices that it is billed by. Makes nothing. */
export const estimateSession = async (deps: Deps, call: Call, input: CreateInput): Promise<Wire> => {
  const ask = parseCreate(call, input, deps.settings.longest_life_minutes);
  const { resources, image } = sizeOf(input, await packageFor(deps, call, ask.owner, ask.workspace_id));
  const spec = specOf(
    {
      session_id: 'estimate',
      owner: ask.owner,
      workspace_id: ask.workspace_id,
      provider: ask.provider,
      life_minutes: ask.ttl_minutes,
    },
    resources,
    image,
    { volume: null, buckets: [] },
  );
  const { compute, plan } = place(deps, spec, deps.clock.now() + ask.ttl_minutes * 60_000, {
    volume: null,
    bucket: null,
  });
  const table = deps.settings.prices;
  const bill: Plan | Refusal = billedPlan(deps, plan, spec);
  const shadow = deps.settings.shadow_provider;
  const { volume_kind, bucket_kind } = compute.capabilities;
  const kinds =
    shadow !== null && plan.shape === 'local'
      ? { volume: shadow, bucket: shadow }
      : { volume: volume_kind, bucket: bucket_kind };
  const storage = storageOf(kinds, ask.volume, ask.bucket);
  const figures = estimate(bill, storage, ask.ttl_minutes, table);
  return {
    provider: ask.provider === 'auto' ? compute.driver : ask.provider,
    ...figures,
    plan: { ...figures.plan },
    warnings: [
      ...new Set([
        ...ask.warnings,
        ...plan.warnings,
        ...figures.warnings,
        ...storageWarnings(storage, deps.clock.now(), table),
      ]),
    ],
    note: billNote(compute.driver, bill.shape),
    missing_prices: [...figures.missing_prices],
    ...(ask.provider === 'auto' ? { providers: elsewhere(spec, ask.ttl_minutes, ask.volume, ask.bucket, table) } : {}),
  };
};
