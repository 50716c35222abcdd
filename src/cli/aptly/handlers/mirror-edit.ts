import type { App } from '../../../app/app.ts';
import { findObject } from '../../../catalog/find-object.ts';
import { mirrorText } from '../../../catalog/labels.ts';
import { about, isEspejoError } from '../../../core/errors.ts';
import { editMirror, type MirrorChanges } from '../../../mirror/edit-mirror.ts';
import { mirrorKeyring, type ReleaseAccess } from '../../../mirror/mirror-release.ts';
import { boolFlag, type Handler, type Invocation, listFlag, stringFlag } from '../../command.ts';
import { withApp } from '../../session.ts';
import { architectureList } from '../dependency-flags.ts';
import {
  downloadLines,
  ignoresSignatures,
  quietAboutDownloads,
  triesOf,
  withKeyringHints,
} from '../mirror-fetching.ts';
import { readQueryText } from '../query-argument.ts';
import { unable } from '../unable.ts';

/** `mirror edit` (spec/cli.md 4.5). */
export const run: Handler = async (invocation) => {
  const [name = ''] = invocation.args;
  const mirror = await withApp(invocation, (app, job) =>
    withKeyringHints(invocation, async () => {
      await unable('unable to edit', () => findObject(app, 'mirror', name));
      const changes = await unable('unable to edit', () => changesOf(invocation));
      const access = (): Promise<ReleaseAccess> => accessOf(invocation, app);
      return await editMirror(app, { name, changes, access }, quietAboutDownloads(job)).catch(
        (error: unknown) => {
          const isVerifier = isEspejoError(error, 'E_KEYRING_INVALID');
          throw about(isVerifier ? 'unable to initialize GPG verifier' : 'unable to edit', error);
        },
      );
    }),
  );
  return { lines: [`Mirror ${mirrorText(mirror)} successfully updated.`] };
};

async function accessOf(invocation: Invocation, app: App): Promise<ReleaseAccess> {
  const { flags } = invocation;
  const ignoreSignatures = ignoresSignatures(flags, app.config);
  const keyring = await mirrorKeyring(app, { ignoreSignatures, keyrings: listFlag(flags, 'keyring') });
  return { keyring, tries: triesOf(flags, app.config), ...downloadLines(invocation) };
}

const switches = {
  'filter-with-deps': 'filterWithDeps',
  'with-appstream': 'downloadAppStream',
  'with-installer': 'downloadInstaller',
  'with-sources': 'downloadSources',
  'with-udebs': 'downloadUdebs',
} as const;

/** What the flags on the command line name; the configuration decides nothing here. */
async function changesOf(invocation: Invocation): Promise<MirrorChanges> {
  const { flags } = invocation;
  const archiveRoot = stringFlag(flags, 'archive-url');
  const filter = stringFlag(flags, 'filter');
  const architectures = stringFlag(flags, 'architectures');
  const switched = Object.entries(switches).filter(([flag]) => flags.has(flag));
  return {
    ...(archiveRoot === undefined ? {} : { archiveRoot }),
    ...(architectures === undefined ? {} : { architectures: architectureList(architectures) }),
    ...(filter === undefined ? {} : { filter: await readQueryText(filter, invocation) }),
    ...Object.fromEntries(switched.map(([flag, setting]) => [setting, boolFlag(flags, flag)])),
  };
}
