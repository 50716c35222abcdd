import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { digestsOf, type FileFacts } from '../../src/core/digest.ts';
import type { StoredFile } from '../../src/core/stored-file.ts';
import { byHashPath } from '../../src/deb/paths.ts';
import { parseRelease, renderRelease } from '../../src/deb/release.ts';
import type { Endpoint, LinkOptions, Place, PublishedFile, View } from '../../src/endpoint/contract.ts';
import { collect } from '../support/collect.ts';

export type EndpointUnderTest = {
  readonly endpoint: Endpoint;
  /** Opens what is there after the process that worked on it has died. */
  reopen(): Endpoint;
  /** Keeps bytes where a pool would have them. */
  store(bytes: Buffer): StoredFile;
  /** What a client gets for a path. */
  get(path: string): Promise<Buffer | undefined>;
  /** Puts what another program publishes. */
  put(path: string, bytes: Buffer): Promise<void>;
  /** From here on `count` is called before each change to what is kept; where it throws, nothing is changed. */
  watch(count: () => void): { readonly stop: () => void };
};

export type OpenEndpoint = (context: TestContext) => Promise<EndpointUnderTest>;

export const signal: AbortSignal = new AbortController().signal;
export const place: Place = { prefix: 'ubuntu', distribution: 'xenial' };
export const deb = { path: 'pool/main/h/hello/hello_1_amd64.deb', bytes: Buffer.from('a package') };
export const newerDeb = {
  path: 'pool/main/h/hello/hello_2_amd64.deb',
  bytes: Buffer.from('a newer package'),
};
export const index = 'main/binary-amd64/Packages';

type PublishOptions = {
  readonly place?: Place;
  readonly isSigned?: boolean;
  readonly carries?: readonly string[];
  readonly takesOver?: boolean;
  /** Earlier generations stay. */
  readonly keeps?: boolean;
};

export async function seal(
  endpoint: Endpoint,
  id: string,
  text: string,
  { place: at = place, isSigned = true, carries = [] }: PublishOptions = {},
): Promise<void> {
  const draft = await endpoint.begin(at, { id, date: dateOf(1), signal });
  const file = fileOf(text);
  await draft.write(file);
  const extra = Buffer.from('not listed');
  await draft.write({ path: 'main/extra', content: [extra], facts: digestsOf(extra), byHash: false });
  for (const from of carries) await draft.carry(from === 'foreign' ? from : { generation: from });
  await draft.seal(releaseOf(new Map([[file.path, file.facts]]), { isSigned }));
}

export async function publish(
  endpoint: Endpoint,
  id: string,
  text: string,
  options: PublishOptions = {},
): Promise<void> {
  const { place: at = place, takesOver = false } = options;
  const { generations } = await endpoint.survey(at, { mayBeForeign: takesOver });
  await seal(endpoint, id, text, options);
  await endpoint.commit(at, id, { takesOver });
  await endpoint.retain(at, options.keeps === true ? [...generations, id] : [id]);
}

/** A whole publish: the package file first, then the tree, then what is not needed any more. */
export async function publishWith(
  endpoint: Endpoint,
  id: string,
  text: string,
  { file, store }: { readonly file: Bytes; readonly store: EndpointUnderTest['store'] },
): Promise<void> {
  await endpoint.survey(place, { mayBeForeign: false });
  await endpoint.link('ubuntu', [debFile(file, store)], linking());
  await seal(endpoint, id, text);
  await endpoint.commit(place, id, { takesOver: false });
  await endpoint.retain(place, [id]);
  const old = [deb, newerDeb].filter(({ path }) => path !== file.path).map(({ path }) => path);
  await endpoint.remove('ubuntu', old, 'published');
}

export async function putForeign(put: EndpointUnderTest['put']): Promise<void> {
  const { path, facts } = fileOf('theirs');
  await put(`ubuntu/dists/xenial/${path}`, Buffer.from('theirs'));
  await put(`ubuntu/dists/xenial/${byHash(facts)}`, Buffer.from('theirs'));
  for (const [name, bytes] of releaseOf(new Map([[path, facts]]), { isSigned: true }))
    await put(`ubuntu/dists/xenial/${name}`, bytes);
}

/** The text of the index that a client of the tree reads, by hash; undefined when nothing is published. */
export async function clientSees(
  get: EndpointUnderTest['get'],
  { prefix, distribution }: Place = place,
): Promise<string | undefined> {
  const root = `${prefix}/dists/${distribution}`;
  const release = (await get(`${root}/InRelease`)) ?? (await get(`${root}/Release`));
  if (release === undefined) return undefined;
  const [[path, facts] = []] = parseRelease(release, 'InRelease').files;
  assert.ok(path !== undefined && facts !== undefined);
  const bytes = (await get(`${root}/${byHashPath(path, 'sha256', facts.digests.sha256 ?? '')}`)) ?? '';
  assert.equal(digestsOf(Buffer.from(bytes)).digests.sha256, facts.digests.sha256, 'the index is whole');
  return String(bytes);
}

/** What is there beside some generations, what clients see, and some package files. */
export async function leftOf(
  endpoint: Endpoint,
  generations: readonly string[],
  packages: readonly string[] = [],
): Promise<readonly string[]> {
  const used = await collect(endpoint.files(place, signal));
  return used
    .filter(({ of, path }) => {
      if (of === 'visible') return false;
      return of === 'pool' ? !packages.includes(path) : !generations.includes(of.generation);
    })
    .map(({ path }) => path);
}

export function fileOf(text: string) {
  const bytes = Buffer.from(text);
  return { path: index, content: [bytes], facts: digestsOf(bytes), byHash: true };
}

export function byHash({ digests }: FileFacts): string {
  return byHashPath(index, 'sha256', digests.sha256 ?? '');
}

export function releaseOf(
  files: ReadonlyMap<string, FileFacts>,
  { isSigned }: { readonly isSigned: boolean },
): readonly (readonly [string, Buffer])[] {
  const release = renderRelease(
    {
      origin: 'o',
      label: 'l',
      suite: 'xenial',
      codename: 'xenial',
      date: dateOf(1),
      acquireByHash: true,
      architectures: ['amd64'],
      components: ['main'],
    },
    files,
  );
  if (!isSigned) return [['Release', release]];
  return [
    ['Release', release],
    ['Release.gpg', Buffer.from('signature')],
    ['InRelease', release],
  ];
}

export function dateOf(second: number): Date {
  return new Date(1_700_000_000_000 + second * 1000);
}

type Deb = PublishedFile & { readonly source: StoredFile };

type Bytes = { readonly path: string; readonly bytes: Buffer };

export function debFile({ path, bytes }: Bytes, store: EndpointUnderTest['store'] = streamed): Deb {
  const { size, digests } = digestsOf(bytes);
  return { path, size, sha256: digests.sha256 ?? '', source: store(bytes) };
}

/** Bytes that lie in no file of this machine. */
export function streamed(bytes: Buffer): StoredFile {
  return {
    localPath: undefined,
    isImmutable: true,
    async *read() {
      yield bytes;
    },
  };
}

export function sourceOf({ source }: Deb): StoredFile {
  return source;
}

export function linking(changes: Partial<LinkOptions<Deb>> = {}): LinkOptions<Deb> {
  return {
    check: async () => undefined,
    source: sourceOf,
    onDifferent: async () => undefined,
    thorough: false,
    signal,
    ...changes,
  };
}

export async function textOf(view: View, path: string): Promise<string> {
  const file = await view.open(path);
  assert.ok(file);
  const bytes = Buffer.concat(await collect(file.read()));
  assert.equal(bytes.length, file.size);
  return String(bytes);
}
