import type { HostCapabilities, SandboxSpec } from './types.ts';

/** What goes into a session's `details`, and every way in which it gets less than it may expect, as sentences. */
export function sandboxDetails(
  capabilities: HostCapabilities,
  spec: SandboxSpec,
  hostWarnings: readonly string[],
): Readonly<Record<string, unknown>> {
  const { level, limits } = capabilities;
  const network = level !== 'none' && spec.network === 'none' ? 'none' : capabilities.network;
  const warnings = [...hostWarnings];
  if (level === 'none') {
    warnings.push(
      'This machine allows no sandbox: commands run as plain processes of the server’s user, see its files, and ' +
        'there is no /workspace and no /buckets; details.workspace_path names the folder.',
    );
    if (spec.network === 'none') warnings.push('The network can’t be taken away here: commands use the machine’s own.');
  }
  if (level === 'user') {
    warnings.push(
      'System folders are read-only: packages can’t be installed system-wide, only below HOME or /workspace.',
    );
  }
  const soft = Object.entries(limits).flatMap(([name, strength]) => (strength === 'none' ? [name] : []));
  if (soft.length > 0) warnings.push(`Not limited on this machine: ${soft.join(', ')}.`);
  return {
    isolation: level,
    limits,
    network,
    workspace_path: '/workspace',
    image: 'host',
    driver: 'local',
    warnings,
  };
}
