import type { App } from '../../../app/app.ts';
import { mirrorText } from '../../../catalog/labels.ts';
import type { MirrorObject } from '../../../catalog/objects.ts';
import type { Job } from '../../../core/progress.ts';
import {
  addMirror,
  assertMirrorNameFree,
  draftMirror,
  type NewMirror,
} from '../../../mirror/create-mirror.ts';
import { mirrorKeyring, withRelease } from '../../../mirror/mirror-release.ts';
import { expandPpa } from '../../../mirror/ppa.ts';
import { boolFlag, type Handler, type Invocation, listFlag, stringFlag } from '../../command.ts';
import { withApp } from '../../session.ts';
import { architecturesOf } from '../dependency-flags.ts';
import {
  downloadLines,
  ignoresSignatures,
  quietAboutDownloads,
  triesOf,
  withKeyringHints,
} from '../mirror-fetching.ts';
import { readQueryText } from '../query-argument.ts';
import { unable } from '../unable.ts';

/** `mirror create` (spec/cli.md 4.1). */
export const run: Handler = async (invocation) => {
  const mirror = await withApp(invocation, (app, job) =>
    withKeyringHints(invocation, () => create(invocation, app, quietAboutDownloads(job))),
  );
  return {
    lines: [
      '',
      `Mirror ${mirrorText(mirror)} successfully added.`,
      `You can run '${invocation.root.name} mirror update ${mirror.name}' to download repository contents.`,
    ],
  };
};

async function create(invocation: Invocation, app: App, job: Job): Promise<MirrorObject> {
  const { flags } = invocation;
  const place = await placeOf(invocation, app, job);
  const draft = await unable('unable to create mirror', async () =>
    draftMirror({ ...place, ...(await settingsOf(invocation, app)) }),
  );
  await unable('unable to add mirror', () => assertMirrorNameFree(app, draft.name));
  const verification = {
    ignoreSignatures: ignoresSignatures(flags, app.config),
    keyrings: listFlag(flags, 'keyring'),
  };
  const keyring = await unable('unable to initialize GPG verifier', () => mirrorKeyring(app, verification));
  const access = { keyring, tries: triesOf(flags, app.config), ...downloadLines(invocation) };
  const mirror = await unable('unable to fetch mirror', () => withRelease(app, draft, access, job));
  await unable('unable to add mirror', () => addMirror(app, mirror, job));
  return mirror;
}

async function placeOf(
  { args }: Invocation,
  app: App,
  { signal }: Job,
): Promise<Pick<NewMirror, 'name' | 'archiveRoot' | 'distribution' | 'components'>> {
  const [name = '', archiveRoot = '', distribution, ...components] = args;
  if (distribution === undefined) return { name, ...(await expandPpa(archiveRoot, app, signal)) };
  return { name, archiveRoot, distribution, components };
}

async function settingsOf(
  invocation: Invocation,
  { config }: App,
): Promise<Omit<NewMirror, 'name' | 'archiveRoot' | 'distribution' | 'components'>> {
  const { flags } = invocation;
  return {
    architectures: architecturesOf(flags, config),
    filter: await readQueryText(stringFlag(flags, 'filter') ?? '', invocation),
    filterWithDeps: boolFlag(flags, 'filter-with-deps'),
    skipComponentCheck: boolFlag(flags, 'force-components'),
    skipArchitectureCheck: boolFlag(flags, 'force-architectures'),
    downloadSources: flags.has('with-sources')
      ? boolFlag(flags, 'with-sources')
      : config.aptly.downloadSourcePackages,
    downloadUdebs: boolFlag(flags, 'with-udebs'),
    downloadInstaller: boolFlag(flags, 'with-installer'),
    downloadAppStream: boolFlag(flags, 'with-appstream'),
  };
}
