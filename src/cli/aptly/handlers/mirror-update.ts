import type { App } from '../../../app/app.ts';
import { findObject } from '../../../catalog/find-object.ts';
import { assertMirrorUnlocked } from '../../../catalog/mirror-locks.ts';
import { EspejoError, isEspejoError } from '../../../core/errors.ts';
import { formatBytes } from '../../../core/units.ts';
import { mirrorKeyring } from '../../../mirror/mirror-release.ts';
import { type UpdatedMirror, updateMirror } from '../../../mirror/update-mirror.ts';
import type { UpdateRequest, UpdateStep } from '../../../mirror/update-request.ts';
import type { Job } from '../../../packages/events.ts';
import {
  boolFlag,
  type FlagValues,
  type Handler,
  type Invocation,
  listFlag,
  stringFlag,
} from '../../command.ts';
import { tellTally, withApp } from '../../session.ts';
import { followOf } from '../dependency-flags.ts';
import { parseGoInteger } from '../go-integer.ts';
import { ignoresSignatures, quietAboutDownloads, triesOf, withKeyringHints } from '../mirror-fetching.ts';
import { unable } from '../unable.ts';

/** `mirror update` (spec/cli.md 4.4). */
export const run: Handler = async (invocation) => {
  const [name = ''] = invocation.args;
  const updated = await withApp(invocation, (app, job) =>
    withKeyringHints(invocation, () => update(invocation, name, app, quietAboutDownloads(job))),
  );
  tellTally(invocation, updated);
  return {
    lines: [...missingLines(updated.missing), '', `Mirror \`${name}\` has been successfully updated.`],
  };
};

async function update(invocation: Invocation, name: string, app: App, job: Job): Promise<UpdatedMirror> {
  const { flags, print } = invocation;
  const force = boolFlag(flags, 'force');
  await unable('unable to update', async () => {
    const mirror = await findObject(app, 'mirror', name);
    if (!force) await assertMirrorUnlocked(app, mirror);
  });
  const ignoreSignatures = ignoresSignatures(flags, app.config);
  const keyring = await unable('unable to initialize GPG verifier', () =>
    mirrorKeyring(app, { ignoreSignatures, keyrings: listFlag(flags, 'keyring') }),
  );
  const request: UpdateRequest = {
    keyring,
    tries: triesOf(flags, app.config),
    force,
    ignoreChecksums: boolFlag(flags, 'ignore-checksums'),
    missing: missingOf(flags, app.config),
    latest: boolFlag(flags, 'latest'),
    skipExisting: boolFlag(flags, 'skip-existing-packages'),
    follow: followOf(flags, app.config),
    bytesPerSecond: limitOf(flags),
    onResolve: job.report,
    onStep: (step) => print(`${stepLine(step)}\n`),
  };
  return await unable('unable to update', () =>
    updateMirror(app, name, request, job).catch((error: unknown) => {
      throw isEspejoError(error, 'E_ABORTED')
        ? new EspejoError('E_ABORTED', 'interrupted', { cause: error })
        : error;
    }),
  );
}

/** @throws E_USAGE */
function missingOf(flags: FlagValues, { missing }: App['config']): UpdateRequest['missing'] {
  const word = stringFlag(flags, 'missing') ?? '';
  if (word === '') return missing;
  if (word === 'fail' || word === 'warn') return word;
  throw new EspejoError('E_BAD_VALUE', `-missing=${word}: is neither "fail" nor "warn"`);
}

function missingLines(missing: UpdatedMirror['missing']): readonly string[] {
  if (missing.length === 0) return [];
  return [
    '',
    'Left out, because the archive lacks their files:',
    ...missing.map(({ label, reason }) => `  ${label}: ${reason}`),
  ];
}

/** Undefined for none of its own: then the configured one counts. */
function limitOf(flags: FlagValues): number | undefined {
  const kibibytes = Number(parseGoInteger(stringFlag(flags, 'download-limit') ?? '0') ?? 0);
  return kibibytes > 0 ? kibibytes * 1024 : undefined;
}

function stepLine(step: UpdateStep): string {
  switch (step.kind) {
    case 'indexes':
      return 'Downloading & parsing package files...';
    case 'download':
      return `Downloading: ${step.url}`;
    case 'duplicate':
      return `[!] skipping package ${step.label}: duplicate in packages index`;
    case 'warning':
      return `WARNING: ${step.message}`;
    case 'filtering':
      return 'Applying filter...';
    case 'filtered':
      return `Packages filtered: ${step.before} -> ${step.after}.`;
    case 'queueing':
      return 'Building download queue...';
    case 'queue':
      return `Download queue: ${step.files} items (${formatBytes(step.bytes)})`;
  }
}
