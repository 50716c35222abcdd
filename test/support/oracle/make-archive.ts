import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { type DigestName, digestsOf, type FileFacts } from '../../../src/core/digest.ts';
import { type ReleaseFields, renderRelease } from '../../../src/deb/release.ts';
import { debFile } from '../../builders/incoming.ts';
import type { UpstreamArchive } from '../../builders/upstream-archive.ts';
import { signingKey } from '../signing-keys.ts';

/** Fields of a package beside its name, version and architecture, which are its label `app_1.0_amd64`. */
type Packages = Readonly<Record<string, Readonly<Record<string, string>>>>;

export type ArchivePlan = {
  readonly fields?: Partial<ReleaseFields>;
  /** `main/binary-amd64`, `main/debian-installer/binary-amd64`; packages of architecture all in each that shall have them. */
  readonly indexes: Readonly<Record<string, Packages>>;
  /** Below the suite, listed in Release. */
  readonly files?: Readonly<Record<string, string | Buffer>>;
  /** Below the archive root. */
  readonly others?: Readonly<Record<string, string | Buffer>>;
  /** The directory of Release below the archive root; `dists/xenial` unless given. */
  readonly directory?: string;
  /** What indexes list of package files; MD5, SHA-1 and SHA-256 unless given. */
  readonly digests?: readonly DigestName[];
};

const usualDigests: readonly DigestName[] = ['md5', 'sha1', 'sha256'];
const digestFields = { md5: 'MD5sum', sha1: 'SHA1', sha256: 'SHA256', sha512: 'SHA512' } as const;
const date = new Date('2024-06-01T12:00:00Z');

/** An archive signed by the key `upstream`, with indexes plain and in gzip. */
export async function makeArchive(plan: ArchivePlan): Promise<UpstreamArchive> {
  const { indexes, files = {}, others = {}, directory = 'dists/xenial', digests = usualDigests } = plan;
  const archive: UpstreamArchive = new Map();
  const listed = new Map<string, FileFacts>();
  const list = (path: string, content: string | Buffer): void => {
    const bytes = Buffer.from(content);
    listed.set(path, digestsOf(bytes));
    archive.set(`${directory}/${path}`, bytes);
  };
  for (const [folder, packages] of Object.entries(indexes)) {
    const kind = folder.includes('debian-installer') ? 'udeb' : 'deb';
    const text = await addPackages(archive, packages, { kind, digests });
    const base = folder === '' ? '' : `${folder}/`;
    list(`${base}Packages`, text);
    list(`${base}Packages.gz`, await promisify(gzip)(text));
  }
  for (const [path, content] of Object.entries(files)) list(path, content);
  for (const [path, content] of Object.entries(others)) archive.set(path, Buffer.from(content));
  const release = renderRelease(fieldsOf(plan), listed);
  const { signer } = await signingKey('upstream');
  archive.set(`${directory}/Release`, release);
  archive.set(`${directory}/Release.gpg`, await signer.detachSign(release, date));
  archive.set(`${directory}/InRelease`, await signer.clearsign(release, date));
  return archive;
}

/** The public key that archives are signed with, as `trustedkeys.gpg` in GnuPG's home. */
export async function trustedKeys(): Promise<Readonly<Record<string, Buffer>>> {
  const { signer } = await signingKey('upstream');
  return { 'home/.gnupg/trustedkeys.gpg': signer.publicKey.binary };
}

function fieldsOf({ fields, indexes }: ArchivePlan): ReleaseFields {
  const folders = Object.keys(indexes).filter((folder) => folder.includes('/'));
  return {
    origin: 'Upstream',
    label: 'Upstream <test>',
    suite: 'xenial',
    codename: 'xenial',
    date,
    acquireByHash: false,
    architectures: [...new Set(folders.map((folder) => folder.split('binary-')[1] ?? ''))],
    components: [...new Set(folders.map((folder) => folder.split('/', 1)[0] ?? ''))],
    description: 'An archive of the tests',
    ...fields,
  };
}

async function addPackages(
  archive: UpstreamArchive,
  packages: Packages,
  { kind, digests: listed }: { readonly kind: string; readonly digests: readonly DigestName[] },
): Promise<string> {
  const stanzas = Object.entries(packages).map(async ([label, fields]) => {
    const bytes = await debFile(label, { fields });
    const [name = '', version = '', architecture = ''] = label.split('_');
    const path = `pool/${name}_${version.replace(/^\d+:/, '')}_${architecture}.${kind}`;
    archive.set(path, bytes);
    const { size, digests } = digestsOf(bytes);
    const control = {
      Package: name,
      Version: version,
      Architecture: architecture,
      Maintainer: 'A <a@example.org>',
      ...fields,
    };
    const place = {
      Filename: path,
      Size: String(size),
      ...Object.fromEntries(listed.map((name) => [digestFields[name], digests[name]])),
    };
    return Object.entries({ ...control, Description: 'x', ...place })
      .map(([field, value]) => `${field}: ${value}\n`)
      .join('');
  });
  return (await Promise.all(stanzas)).join('\n');
}
