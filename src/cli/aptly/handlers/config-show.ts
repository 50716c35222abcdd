import { configJson, configYaml } from '../../../aptly/config-text.ts';
import { boolFlag, type Handler } from '../../command.ts';
import { configOf } from '../../session.ts';

/** `config show` (spec/cli.md 3). */
export const run: Handler = async (invocation) => {
  const config = await configOf(invocation);
  if (boolFlag(invocation.flags, 'yaml')) return { lines: [configYaml(config), ''] };
  return { lines: [configJson(config)] };
};
