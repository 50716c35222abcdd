import { digestsOf, type FileFacts } from '../../src/core/digest.ts';
import { invariant } from '../../src/core/errors.ts';
import type { DebSpec } from '../../src/deb/build-deb.ts';
import { byHashPath } from '../../src/deb/paths.ts';
import { parseRelease, type ReleaseFields, renderRelease } from '../../src/deb/release.ts';
import { buildArchive } from '../../src/demo/archive.ts';
import type { Signer } from '../../src/openpgp/contract.ts';

/** The Date of archives that tests build, a day before what {@link archiveNow} says. */
export const archiveDate = new Date('2024-06-01T12:00:00Z');
export const archiveNow = new Date('2024-06-02T12:00:00Z');

/** By path below the archive root. */
export type UpstreamArchive = Map<string, Buffer>;

/** A package of few bytes; `text` is what it installs. */
export function makeDebSpec(
  name: string,
  version: string,
  fields: Readonly<Record<string, string>> = {},
  text = `${name} ${version}\n`,
): DebSpec {
  return {
    control: {
      Package: name,
      Version: version,
      Architecture: 'amd64',
      Maintainer: 'Test <test@example.org>',
      ...fields,
      Description: `test package ${name}`,
    },
    files: { [`usr/share/doc/${name}/readme`]: text },
  };
}

type ArchiveShape = {
  /** By suite and component. */
  readonly suites: Readonly<Record<string, Readonly<Record<string, readonly DebSpec[]>>>>;
  readonly architectures?: readonly string[];
  readonly date?: Date;
};

/** A signed archive; its codename is `xenial`. */
export async function makeUpstreamArchive(shape: ArchiveShape, signer: Signer): Promise<UpstreamArchive> {
  const { suites, architectures = ['amd64'], date = archiveDate } = shape;
  const archive = await buildArchive(
    {
      origin: 'Test',
      codename: 'xenial',
      architectures,
      date,
      suites: Object.entries(suites).map(([name, components]) => ({ name, components })),
    },
    signer,
  );
  return new Map(archive);
}

/** A suite that can be changed before it is signed again. */
export type SuiteDraft = {
  fields: ReleaseFields;
  /** What Release lists, by path below the suite's directory. */
  readonly indexes: Map<string, Buffer>;
  /** Changes the Release text itself. */
  text: (release: string) => string;
};

/** Takes a suite apart, lets a test change it, and writes and signs it anew, by-hash names included. */
export async function rewriteSuite(
  archive: UpstreamArchive,
  suite: string,
  signer: Signer,
  change: (draft: SuiteDraft) => void | Promise<void>,
): Promise<void> {
  const base = `dists/${suite}/`;
  const draft = takeApart(archive, base);
  await change(draft);
  for (const path of [...archive.keys()]) if (path.startsWith(base)) archive.delete(path);
  const listed = new Map<string, FileFacts>();
  for (const [path, bytes] of draft.indexes) {
    const facts = digestsOf(bytes);
    listed.set(path, facts);
    archive.set(base + path, bytes);
    for (const name of ['md5', 'sha1', 'sha256', 'sha512'] as const) {
      archive.set(base + byHashPath(path, name, facts.digests[name] ?? ''), bytes);
    }
  }
  const release = Buffer.from(draft.text(renderRelease(draft.fields, listed).toString()));
  archive.set(`${base}Release`, release);
  archive.set(`${base}Release.gpg`, await signer.detachSign(release, archiveDate));
  archive.set(`${base}InRelease`, await signer.clearsign(release, archiveDate));
}

function takeApart(archive: UpstreamArchive, base: string): SuiteDraft {
  const bytes = archive.get(`${base}Release`);
  invariant(bytes !== undefined, `the archive has ${base}`);
  const release = parseRelease(bytes, base);
  const { origin = '', label = '', suite = '', codename = '', architectures, components } = release;
  const { date = archiveNow } = release;
  const fields = { origin, label, suite, codename, date, architectures, components };
  const indexes = new Map<string, Buffer>();
  for (const path of release.files.keys()) {
    const index = archive.get(base + path);
    if (index !== undefined) indexes.set(path, index);
  }
  return {
    fields: { ...fields, acquireByHash: release.acquireByHash },
    indexes,
    text: (text) => text,
  };
}

/** The paths of an archive that hold `.deb` files of one package. */
export function debPaths(archive: UpstreamArchive, name: string): readonly string[] {
  return [...archive.keys()].filter((path) => path.includes(`/${name}_`) && path.endsWith('.deb'));
}
