import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { digestNames, digestsOf, type FileFacts } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { buildDeb, controlText, type DebSpec } from '../deb/build-deb.ts';
import { byHashPath, publishedPoolDirectory } from '../deb/paths.ts';
import { renderRelease } from '../deb/release.ts';
import { compressXz } from '../deb/xz.ts';
import type { Signer } from '../openpgp/contract.ts';

const gzipAsync = promisify(gzip);

/** An archive to be made in code: xenial's shape, tiny packages that any Debian or Ubuntu system can install. */
export type ArchiveSpec = {
  readonly origin: string;
  readonly codename: string;
  readonly architectures: readonly string[];
  /** The Date of all Release files. */
  readonly date: Date;
  readonly suites: readonly SuiteSpec[];
};

export type SuiteSpec = {
  readonly name: string;
  readonly components: Readonly<Record<string, readonly DebSpec[]>>;
};

/** Paths below the archive root, with their content. */
export type Archive = ReadonlyMap<string, Buffer>;

/**
 * Builds and signs an archive: pool, Packages in three forms with by-hash names, Release, InRelease and Release.gpg.
 * The same specification and key give the same bytes.
 */
export async function buildArchive(spec: ArchiveSpec, signer: Signer): Promise<Archive> {
  const files = new Map<string, Buffer>();
  for (const suite of spec.suites) await addSuite(files, spec, suite, signer);
  return files;
}

async function addSuite(
  files: Map<string, Buffer>,
  spec: ArchiveSpec,
  suite: SuiteSpec,
  signer: Signer,
): Promise<void> {
  const listed = new Map<string, FileFacts>();
  const base = `dists/${suite.name}`;
  for (const [component, debs] of Object.entries(suite.components)) {
    const stanzas = await Promise.all(debs.map((deb) => addPackage(files, component, deb)));
    for (const architecture of spec.architectures) {
      const members = stanzas.filter(
        (one) => one.architecture === architecture || one.architecture === 'all',
      );
      const plain = Buffer.from(members.map(({ text }) => `${text}\n`).join(''));
      const path = `${component}/binary-${architecture}/Packages`;
      const forms = {
        '': plain,
        '.gz': await gzipAsync(plain, { level: 9 }),
        '.xz': await compressXz(plain),
      };
      for (const [suffix, bytes] of Object.entries(forms))
        addIndex(files, listed, base, { path: path + suffix, bytes });
    }
  }
  const release = renderRelease(
    {
      origin: spec.origin,
      label: spec.origin,
      suite: suite.name,
      codename: spec.codename,
      date: spec.date,
      acquireByHash: true,
      architectures: spec.architectures,
      components: Object.keys(suite.components),
      description: 'An archive that espejo made in code',
    },
    listed,
  );
  files.set(`${base}/Release`, release);
  files.set(`${base}/Release.gpg`, await signer.detachSign(release, spec.date));
  files.set(`${base}/InRelease`, await signer.clearsign(release, spec.date));
}

function addIndex(
  files: Map<string, Buffer>,
  listed: Map<string, FileFacts>,
  base: string,
  { path, bytes }: { readonly path: string; readonly bytes: Buffer },
): void {
  const facts = digestsOf(bytes);
  listed.set(path, facts);
  files.set(`${base}/${path}`, bytes);
  for (const name of digestNames) {
    const hex = facts.digests[name];
    if (hex !== undefined) files.set(`${base}/${byHashPath(path, name, hex)}`, bytes);
  }
}

type PackageStanza = { readonly architecture: string; readonly text: string };

async function addPackage(
  files: Map<string, Buffer>,
  component: string,
  deb: DebSpec,
): Promise<PackageStanza> {
  const name = fieldOf(deb, 'Package');
  const architecture = fieldOf(deb, 'Architecture');
  const version = fieldOf(deb, 'Version').replace(/^\d+:/, '');
  const directory = publishedPoolDirectory(component, deb.control['Source']?.split(' ')[0] ?? name);
  const path = `${directory}/${name}_${version}_${architecture}.deb`;
  const bytes = await buildDeb(deb);
  files.set(path, bytes);
  const { size, digests } = digestsOf(bytes);
  const fields = {
    ...deb.control,
    Filename: path,
    Size: String(size),
    MD5sum: digests.md5 ?? '',
    SHA1: digests.sha1 ?? '',
    SHA256: digests.sha256 ?? '',
  };
  return { architecture, text: controlText(fields) };
}

function fieldOf(deb: DebSpec, field: string): string {
  const value = deb.control[field];
  if (value === undefined) throw new EspejoError('E_CONTROL_SYNTAX', `a package to be built has no ${field}`);
  return value;
}
