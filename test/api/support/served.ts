import { OPERATION_NAMES, OPERATIONS, type Operation, type OperationName } from '#contract/operations.ts';
import type { Api } from '../../../functions/api/app.ts';

/** The routes that the router really has, as `GET /v1/sessions/{id}`. */
export const servedRoutes = ({ app }: Api): readonly string[] => {
  const routes = app.routes
    .filter(({ method, path }) => !(method === 'ALL' && path === '/*'))
    .map(({ method, path }) => `${method.toUpperCase()} ${path.replaceAll(/:([a-z_]+)/g, '{$1}')}`);
  return [...new Set(routes)].sort();
};

export const routeOf = (operation: Operation): string => `${operation.method.toUpperCase()} ${operation.path}`;

/** The operation behind a served route, or null. */
export const operationAt = (route: string): OperationName | null =>
  OPERATION_NAMES.find((name) => routeOf(OPERATIONS[name]) === route) ?? null;
