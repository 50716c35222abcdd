import type { GenerationRecord, PublicationRecord } from '../catalog/contract.ts';
import type { PublicationConfig } from '../config/config.ts';
import { EspejoError } from '../core/errors.ts';
import { nearestOf } from '../core/nearest.ts';
import { signerOf } from '../keys/own-key.ts';
import type { Job } from '../packages/events.ts';
import type { Ports } from '../packages/ports.ts';
import { type ConfiguredDeps, type PublishResult, publish } from './publish.ts';
import { publishDepsOf } from './publish-deps.ts';
import { rollback } from './rollback.ts';
import { placeOf } from './settings.ts';

export type PublishChoice = {
  /** Names of publications; none means all. */
  readonly publications: readonly string[];
  readonly force: boolean;
};

/** Publishes what the mirrors hold; publications are independent of each other. */
export async function publishAll(
  ports: Ports,
  choice: PublishChoice,
  job: Job,
): Promise<readonly PublishResult[]> {
  const chosen = chosenPublications(ports, choice.publications);
  return await ports.exclusively('publish', job.signal, async () => {
    const results: PublishResult[] = [];
    for (const publication of chosen) {
      const request = { publication, force: choice.force };
      results.push(await publish(configuredDepsOf(ports, job), request, job));
    }
    return results;
  });
}

/** Takes one publication back to an earlier generation and holds it there. */
export async function rollbackOne(
  ports: Ports,
  choice: { readonly publications: readonly string[]; readonly to: string | undefined },
  job: Job,
): Promise<PublishResult> {
  const publication = onlyPublication(ports, choice.publications);
  return await ports.exclusively('rollback', job.signal, () =>
    rollback(configuredDepsOf(ports, job), { publication, to: choice.to }, job),
  );
}

function configuredDepsOf(ports: Ports, job: Job): ConfiguredDeps {
  const { mirrors } = ports.config;
  return { ...publishDepsOf(ports, job), mirrors, signerOf: (publication) => signerOf(ports, publication) };
}

/** Lets publications follow their mirrors again after a rollback, and publishes them. */
export async function resume(
  ports: Ports,
  names: readonly string[],
  job: Job,
): Promise<readonly PublishResult[]> {
  for (const publication of chosenPublications(ports, names)) {
    await ports.exclusively('resume', job.signal, () => ports.catalog.endHold(placeOf(publication).path));
  }
  return await publishAll(ports, { publications: names, force: false }, job);
}

export type PublicationView = {
  readonly config: PublicationConfig;
  readonly record: PublicationRecord | undefined;
  /** Newest first. */
  readonly generations: readonly GenerationRecord[];
};

/** What was published so far, for lists and for the page of the server. */
export async function viewPublications(
  ports: Ports,
  names: readonly string[],
): Promise<readonly PublicationView[]> {
  return await Promise.all(
    chosenPublications(ports, names).map(async (config) => {
      const { path } = placeOf(config);
      const record = await ports.catalog.publication(path);
      const generations = await ports.catalog.generations(path);
      // One that was never current belongs to a publish that is under way or died.
      const seen = generations.filter(
        ({ id, supersededAt }) => supersededAt !== null || id === record?.current,
      );
      return { config, record, generations: seen };
    }),
  );
}

function onlyPublication(ports: Ports, names: readonly string[]): PublicationConfig {
  const [first, ...others] = chosenPublications(ports, names);
  if (first !== undefined && others.length === 0) return first;
  throw new EspejoError('E_USAGE', 'rollback needs one publication', {
    hint: `name it: -publication=${first?.name ?? 'NAME'}`,
  });
}

/** @throws E_PUBLICATION_NOT_FOUND when there is none, or none of a name */
export function chosenPublications(
  { config }: Ports,
  names: readonly string[],
): readonly PublicationConfig[] {
  if (config.publications.length === 0) {
    throw new EspejoError(
      'E_PUBLICATION_NOT_FOUND',
      `${config.path ?? 'the configuration'}: has no publications`,
      {
        hint: 'add one under "publications"; data/xenial.yaml is a complete example',
      },
    );
  }
  if (names.length === 0) return config.publications;
  return names.map((name) => {
    const publication = config.publications.find((candidate) => candidate.name === name);
    if (publication !== undefined) return publication;
    throw new EspejoError('E_PUBLICATION_NOT_FOUND', `publication with name ${name} not found`, {
      hint: nearestOf(
        name,
        config.publications.map((publication) => publication.name),
      ),
    });
  });
}
