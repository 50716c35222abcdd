import type { EspejoConfig } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { type EspejoError, isEspejoError } from '../../core/errors.ts';
import { missingFiles } from '../../upkeep/missing-files.ts';
import { type Handler, type Invocation, type Outcome, stringFlag } from '../command.ts';
import { remedyOf } from '../remedies.ts';

/** `config check`: what is wrong is the result here, so it goes to standard output. */
export const run: Handler = async (invocation) => {
  try {
    return await soundOutcome(await load(invocation), invocation);
  } catch (error) {
    if (!isEspejoError(error, 'E_CONFIG_INVALID', 'E_CONFIG_SYNTAX', 'E_CONFIG_NOT_FOUND')) throw error;
    return faultyOutcome(error);
  }
};

async function load({ flags, env, cwd }: Invocation): Promise<EspejoConfig> {
  const explicitPath = stringFlag(flags, 'config');
  return await loadConfig({ env, cwd, ...(explicitPath ? { explicitPath } : {}) });
}

async function soundOutcome(config: EspejoConfig, { env }: Invocation): Promise<Outcome> {
  const { path, unknownKeys, notices, suspicions } = config;
  const files = await missingFiles(config, env);
  const warnings = [
    ...unknownKeys,
    ...notices,
    ...suspicions,
    ...files.map((line) => `warning: ${path}: ${line}`),
  ];
  return { lines: [...warnings, `${path}: ok`], json: { path, ok: true, problems: [], warnings } };
}

function faultyOutcome(error: EspejoError): Outcome {
  const { message, details, context, code } = error;
  // The message counts the details, which stand below it here.
  const first = details.length === 0 ? message : message.replace(/ \(and \d+ more problems?\)$/, '');
  const hint = error.hint ?? remedyOf(code);
  const problems = context['problems'] ?? [{ message }];
  return {
    lines: [first, ...details, ...(hint === undefined ? [] : [`(${hint})`])],
    json: { path: context['path'], ok: false, problems, warnings: [] },
    exit: 1,
  };
}
