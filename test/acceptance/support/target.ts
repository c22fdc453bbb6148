import { inject } from 'vitest';
import { type Api, apiOf } from './api.ts';
import './target-context.ts';

const under = inject('onmemos');
const priced = inject('onmemosPriced');

/** The server under test, with its admin key. */
export const admin: Api = apiOf(under.url, under.key);

/** The servers for the tests about money: [name, caller]. */
export const targets: readonly (readonly [string, Api])[] = [
  ['the server under test', admin],
  ...(priced ? ([['a server with prices', apiOf(priced.url, priced.key)]] as const) : []),
];
