import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { GenerationSettings, PublicationPlace } from '../catalog/contract.ts';
import { throwIfAborted } from '../core/abort.ts';
import { digestsOf, type FileFacts } from '../core/digest.ts';
import { type BinaryPackage, SourcePackage } from '../deb/package.ts';
import { type ReleaseFields, renderComponentRelease, renderRelease } from '../deb/release.ts';
import { comparePackages, renderPackageStanza, renderSourceStanza } from '../deb/render-index.ts';
import { compressXz } from '../deb/xz.ts';
import type { PlacedPackage, PlannedComponent } from './plan.ts';

const gzipAsync = promisify(gzip);

/** One file of a generation that Release lists; the path is relative to Release. */
export type RenderedFile = { readonly path: string; readonly bytes: Buffer; readonly facts: FileFacts };

export type RenderedTree = { readonly files: readonly RenderedFile[]; readonly release: Buffer };

/** Seconds become milliseconds here and nowhere else. */
const msPerSecond = 1000;

/** The fields of the Release file of a generation that is dated `date`. */
function releaseFields(
  settings: GenerationSettings,
  components: readonly PlannedComponent[],
  date: Date,
): ReleaseFields {
  const { validForSeconds, notAutomatic, butAutomaticUpgrades } = settings;
  return {
    origin: settings.origin,
    label: settings.label,
    suite: settings.suite,
    codename: settings.codename,
    date,
    ...(validForSeconds === null
      ? {}
      : { validUntil: new Date(date.getTime() + validForSeconds * msPerSecond) }),
    ...(notAutomatic === null ? {} : { notAutomatic }),
    ...(butAutomaticUpgrades === null ? {} : { butAutomaticUpgrades }),
    acquireByHash: settings.acquireByHash,
    architectures: settings.architectures,
    components: components.map(({ name }) => name).sort(),
    description: settings.description,
  };
}

/**
 * Renders the indexes of all components and architectures, plain, gz and xz, with the Release file over them.
 * Indexes of architectures without packages are rendered empty, since apt refuses a suite that lacks one.
 */
export async function renderTree(
  place: PublicationPlace,
  settings: GenerationSettings,
  components: readonly PlannedComponent[],
  { date, signal }: { readonly date: Date; readonly signal: AbortSignal },
): Promise<RenderedTree> {
  const fields = releaseFields(settings, components, date);
  const files: RenderedFile[] = [];
  const withSources = components.some(({ packages }) =>
    packages.some(({ package: one }) => one.kind === 'source'),
  );
  for (const component of components) {
    for (const architecture of settings.architectures) {
      throwIfAborted(signal);
      const directory = `${component.name}/binary-${architecture}`;
      const index = renderPackages(component.packages, architecture);
      files.push(...(await inAllForms(`${directory}/Packages`, index)));
      files.push(componentRelease(place, fields, directory, { component: component.name, architecture }));
    }
    if (!withSources) continue;
    const directory = `${component.name}/source`;
    files.push(...(await inAllForms(`${directory}/Sources`, renderSources(component.packages))));
    files.push(
      componentRelease(place, fields, directory, { component: component.name, architecture: 'source' }),
    );
  }
  const listed = new Map(files.map(({ path, facts }) => [path, facts]));
  return { files, release: renderRelease(fields, listed) };
}

function renderPackages(packages: readonly PlacedPackage[], architecture: string): Buffer {
  const members = packages.filter((one): one is PlacedPackage & { readonly package: BinaryPackage } =>
    isBinaryFor(one.package, architecture),
  );
  const sorted = members.toSorted((a, b) => comparePackages(a.package, b.package));
  return joinStanzas(sorted.map((one) => renderPackageStanza(one.package, one.files[0]?.path ?? '')));
}

function isBinaryFor(one: PlacedPackage['package'], architecture: string): boolean {
  return one.kind === 'deb' && (one.architecture === architecture || one.architecture === 'all');
}

function renderSources(packages: readonly PlacedPackage[]): Buffer {
  const stanzas = packages
    .flatMap(({ package: one, directory }) => (one instanceof SourcePackage ? [{ one, directory }] : []))
    .toSorted((a, b) => comparePackages(a.one, b.one))
    .map(({ one, directory }) => renderSourceStanza(one, directory));
  return joinStanzas(stanzas);
}

const blankLine = Buffer.from('\n');

function joinStanzas(stanzas: readonly Buffer[]): Buffer {
  return Buffer.concat(stanzas.flatMap((stanza) => [stanza, blankLine]));
}

async function inAllForms(path: string, bytes: Buffer): Promise<readonly RenderedFile[]> {
  const [gz, xz] = await Promise.all([gzipAsync(bytes, { level: 9 }), compressXz(bytes)]);
  return [rendered(path, bytes), rendered(`${path}.gz`, gz), rendered(`${path}.xz`, xz)];
}

function componentRelease(
  { distribution }: PublicationPlace,
  fields: ReleaseFields,
  directory: string,
  part: { readonly component: string; readonly architecture: string },
): RenderedFile {
  return rendered(`${directory}/Release`, renderComponentRelease(fields, { archive: distribution, ...part }));
}

function rendered(path: string, bytes: Buffer): RenderedFile {
  return { path, bytes, facts: digestsOf(bytes) };
}
