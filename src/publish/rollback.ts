import type { GenerationRecord } from '../catalog/contract.ts';
import { EspejoError } from '../core/errors.ts';
import type { Job } from '../packages/events.ts';
import type { Standing } from './housekeeping.ts';
import { inputIdOf } from './plan.ts';
import {
  type ConfiguredDeps,
  configuredNow,
  type Published,
  type PublishRequest,
  type PublishResult,
  resultOf,
  type Signing,
  signed,
} from './publish.ts';
import { contentOf, type PublishDeps, release, surveySite } from './release.ts';
import { targetOf } from './target.ts';

export type RollbackRequest = Pick<PublishRequest, 'publication'> & {
  /** Id of the generation; undefined: the one before the current content. */
  readonly to: string | undefined;
};

/**
 * Returns to the content of an earlier generation: published anew with a new Date, because apt ignores a Release that
 * is older than the one it holds. The publication then stays there until it is resumed.
 * @throws E_PUBLICATION_NOT_FOUND, E_GENERATION_NOT_FOUND, E_POOL_MISSING, E_PUBLISH_CONFLICT, E_KEY_*, E_DISK_FULL
 */
export async function rollback(
  deps: ConfiguredDeps,
  request: RollbackRequest,
  job: Job,
): Promise<PublishResult> {
  return await signed(deps, request, job, (tools) => goBack(deps, request, tools));
}

async function goBack(
  deps: PublishDeps,
  { publication, to }: RollbackRequest,
  { signer, job }: Signing,
): Promise<Published> {
  const target = targetOf(deps, await configuredNow(deps, publication));
  const site = await surveySite(deps, target);
  const wanted = rollbackTarget(publication.name, site.standing, to);
  const hold = { since: deps.now().getTime(), generation: wanted.id };
  const content = await contentOf(deps, site, { generation: wanted, signer, hold });
  const options = { content, signer, thorough: false, onDifferent: 'unless-claimed' } as const;
  const result = resultOf(publication, 'published', await release(deps, site, options, job));
  return { ...result, returnedTo: { generation: wanted.id, date: wanted.date } };
}

function rollbackTarget(
  name: string,
  { current, record, generations }: Standing,
  to: string | undefined,
): GenerationRecord {
  if (current === undefined) {
    throw new EspejoError('E_PUBLICATION_NOT_FOUND', `publication ${name}: was not published yet`, {
      hint: `run "espejo publish -publication=${name}" first`,
    });
  }
  const others = generations.filter((one) => contentIdOf(one) !== contentIdOf(current));
  // A second rollback goes on from where the first has led, not back to what that one left.
  const start = generations.find(({ id }) => id === record?.hold?.generation) ?? current;
  const target =
    to === undefined ? others.find(({ date }) => date < start.date) : generations.find(({ id }) => id === to);
  if (target !== undefined) return target;
  const kept = others.map(({ id }) => id).join(', ');
  const wanted = to === undefined ? 'earlier generation' : `generation ${to}`;
  throw new EspejoError('E_GENERATION_NOT_FOUND', `publication ${name}: has no ${wanted}`, {
    hint: kept === '' ? 'nothing else was published yet; see keep_generations' : `it has ${kept}`,
  });
}

/** The identity of what is published, whoever signed it. */
function contentIdOf({ components, settings }: GenerationRecord): string {
  return inputIdOf(components, { ...settings, signers: [] });
}
