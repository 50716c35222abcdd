import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import { digestsOf, type FileFacts } from '../../src/core/digest.ts';
import { EspejoError } from '../../src/core/errors.ts';
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

const signal = new AbortController().signal;
const place: Place = { prefix: 'ubuntu', distribution: 'xenial' };
const deb = { path: 'pool/main/h/hello/hello_1_amd64.deb', bytes: Buffer.from('a package') };
const newerDeb = { path: 'pool/main/h/hello/hello_2_amd64.deb', bytes: Buffer.from('a newer package') };

/**
 * Every endpoint keeps these promises.
 * @param options.withCrashes false for a variant of one that was tried with a crash at each change
 */
export function endpointSuite(
  what: string,
  open: (context: TestContext) => Promise<EndpointUnderTest>,
  { withCrashes } = { withCrashes: true },
): void {
  describe(what, () => {
    test('a place where nothing was published has nothing', async (t) => {
      const { endpoint } = await open(t);

      const survey = await endpoint.survey(place, { mayBeForeign: false });
      const view = await endpoint.view(place);

      assert.deepEqual(survey, { visible: { kind: 'nothing' }, generations: [] });
      assert.equal(view.identity, undefined);
      assert.equal(await view.open('dists/xenial/Release'), undefined);
      assert.deepEqual(await collect(endpoint.files(place, signal)), []);
      assert.equal(await endpoint.sweep('ubuntu', 'dists'), 0);
    });

    test('clients see nothing of a generation before it is committed, and all of it afterwards', async (t) => {
      const { endpoint, get } = await open(t);
      await seal(endpoint, 'one', 'first');
      const before = await get('ubuntu/dists/xenial/InRelease');

      await endpoint.commit(place, 'one', { takesOver: false });

      assert.equal(before, undefined);
      assert.equal(await clientSees(get), 'first');
      assert.equal(String(await get('ubuntu/dists/xenial/main/extra')), 'not listed');
      assert.deepEqual(await endpoint.survey(place, { mayBeForeign: false }), {
        visible: { kind: 'generation', id: 'one' },
        generations: ['one'],
      });
    });

    test('a generation that was visible before becomes it again: its InRelease is put again', async (t) => {
      const { endpoint, get } = await open(t);
      await publish(endpoint, 'one', 'first');
      await publish(endpoint, 'two', 'second', { keeps: true });
      const second = await clientSees(get);

      await endpoint.commit(place, 'one', { takesOver: false });

      assert.deepEqual([second, await clientSees(get)], ['second', 'first']);
      const { visible, generations } = await endpoint.survey(place, { mayBeForeign: false });
      assert.deepEqual(visible, { kind: 'generation', id: 'one' });
      assert.deepEqual([...generations].sort(), ['one', 'two']);
    });

    test('an unsigned generation takes the place of a signed one', async (t) => {
      const { endpoint, get } = await open(t);
      await publish(endpoint, 'one', 'first');

      await publish(endpoint, 'two', 'second', { isSigned: false });

      assert.equal(await get('ubuntu/dists/xenial/InRelease'), undefined);
      assert.equal(await clientSees(get), 'second');
      const { visible } = await endpoint.survey(place, { mayBeForeign: false });
      assert.deepEqual(visible, { kind: 'generation', id: 'two' });
    });

    test('what is carried can be had by hash; what is not goes with its generation', async (t) => {
      const { endpoint, get } = await open(t);
      await publish(endpoint, 'one', 'first');
      const listed = digestsOf(Buffer.from('first'));

      await publish(endpoint, 'two', 'second', { carries: ['one'] });
      const carried = await get(`ubuntu/dists/xenial/${byHash(listed)}`);
      await publish(endpoint, 'three', 'third', { carries: ['two'] });

      assert.equal(String(carried), 'first');
      assert.equal(await get(`ubuntu/dists/xenial/${byHash(listed)}`), undefined);
      assert.equal(
        String(await get(`ubuntu/dists/xenial/${byHash(digestsOf(Buffer.from('second')))}`)),
        'second',
      );
    });

    test('a file of another generation is taken as it is', async (t) => {
      const { endpoint, get } = await open(t);
      await publish(endpoint, 'one', 'first');
      const facts = digestsOf(Buffer.from('first'));
      const draft = await endpoint.begin(place, { id: 'two', date: dateOf(2), signal });

      await draft.reuse({ path: index, facts, byHash: true }, 'one');
      await assert.rejects(draft.reuse({ path: 'main/none', facts, byHash: false }, 'one'), { code: 'E_IO' });
      await draft.seal(releaseOf(new Map([[index, facts]]), { isSigned: true }));
      await endpoint.commit(place, 'two', { takesOver: false });
      await endpoint.retain(place, ['two']);

      assert.equal(await clientSees(get), 'first');
    });

    test('content comes from pieces, from a file, and from what can only be read', async (t) => {
      const { endpoint, get } = await open(t);
      const draft = await endpoint.begin(place, { id: 'one', date: dateOf(1), signal });
      const bytes = Buffer.from('streamed');
      const facts = digestsOf(bytes);

      await draft.write({ path: 'main/read', content: streamed(bytes), facts, byHash: true });
      await draft.write({
        path: 'main/pieces',
        content: [Buffer.from('stre'), Buffer.from('amed')],
        facts,
        byHash: false,
      });
      await draft.seal(releaseOf(new Map([['main/read', facts]]), { isSigned: false }));
      await endpoint.commit(place, 'one', { takesOver: false });

      for (const name of ['main/read', 'main/pieces'])
        assert.equal(String(await get(`ubuntu/dists/xenial/${name}`)), 'streamed');
    });

    test('a discarded draft leaves nothing, and its id may be used again', async (t) => {
      const { endpoint, get } = await open(t);
      const draft = await endpoint.begin(place, { id: 'one', date: dateOf(1), signal });
      await draft.write(fileOf('draft'));

      await draft.discard();

      assert.deepEqual(await collect(endpoint.files(place, signal)), []);
      await publish(endpoint, 'one', 'first');
      assert.equal(await clientSees(get), 'first');
    });

    test('a view stays with its tree while others are committed, and tells them apart', async (t) => {
      const { endpoint } = await open(t);
      await publish(endpoint, 'one', 'first');
      const view = await endpoint.view(place);

      await seal(endpoint, 'two', 'second');
      await endpoint.commit(place, 'two', { takesOver: false });
      const next = await endpoint.view(place);

      assert.equal(await textOf(view, `dists/xenial/${index}`), 'first');
      assert.equal(await textOf(next, `dists/xenial/${index}`), 'second');
      assert.notEqual(view.identity, next.identity);
      assert.equal((await endpoint.view(place)).identity, next.identity);
    });

    test('only what is kept stays', async (t) => {
      const { endpoint } = await open(t);
      for (const id of ['one', 'two', 'three']) await publish(endpoint, id, id, { keeps: true });
      await endpoint.begin(place, { id: 'begun', date: dateOf(9), signal });

      await endpoint.retain(place, ['two', 'three']);

      const { generations } = await endpoint.survey(place, { mayBeForeign: false });
      assert.deepEqual([...generations].sort(), ['three', 'two']);
      assert.deepEqual(await leftOf(endpoint, ['two', 'three']), []);
    });

    test('what is withdrawn cannot be had, and nothing of it stays', async (t) => {
      const { endpoint, get } = await open(t);
      await publish(endpoint, 'one', 'first');

      await endpoint.withdraw(place);
      await endpoint.withdraw(place);

      assert.equal(await get('ubuntu/dists/xenial/InRelease'), undefined);
      assert.deepEqual(await collect(endpoint.files(place, signal)), []);
      assert.equal(await endpoint.sweep('ubuntu', 'dists'), 0);
    });

    test('distributions of one prefix, and one name with a slash, are apart', async (t) => {
      const { endpoint, get } = await open(t);
      const updates = { prefix: 'ubuntu', distribution: 'stable/updates' };
      await publish(endpoint, 'one', 'first');
      await publish(endpoint, 'one', 'other', { place: updates });

      await endpoint.withdraw(place);

      assert.equal(await clientSees(get, updates), 'other');
    });

    test('a place inside a published tree, or with what espejo did not publish, is refused', async (t) => {
      const { endpoint, put } = await open(t);
      await publish(endpoint, 'one', 'first');
      await put('ubuntu/dists/foreign/Release', Buffer.from('foreign'));
      const inside = { prefix: 'ubuntu', distribution: 'xenial/updates' };
      const foreign = { prefix: 'ubuntu', distribution: 'foreign' };

      for (const taken of [inside, foreign]) {
        await assert.rejects(endpoint.survey(taken, { mayBeForeign: false }), { code: 'E_PUBLISH_CONFLICT' });
        await seal(endpoint, 'one', 'mine', { place: taken });
        await assert.rejects(endpoint.commit(taken, 'one', { takesOver: false }), {
          code: 'E_PUBLISH_CONFLICT',
        });
      }
    });

    test('what another program has published is taken over, and goes on to be offered by hash', async (t) => {
      const { endpoint, get, put } = await open(t);
      await putForeign(put);
      const { visible } = await endpoint.survey(place, { mayBeForeign: true });

      await publish(endpoint, 'one', 'first', { carries: ['foreign'], takesOver: true });

      assert.deepEqual(visible, { kind: 'foreign' });
      assert.equal(await clientSees(get), 'first');
      const old = byHash(digestsOf(Buffer.from('theirs')));
      assert.equal(String(await get(`ubuntu/dists/xenial/${old}`)), 'theirs');
      assert.deepEqual(await leftOf(endpoint, ['one']), []);
    });

    for (const [name, wrong] of Object.entries({
      'leaves the endpoint': { prefix: '../x', distribution: 'xenial' },
      "is espejo's own": { prefix: 'ubuntu', distribution: '.espejo/xenial' },
      'is absolute': { prefix: '.', distribution: '/xenial' },
    }))
      test(`a place that ${name} is refused`, async (t) => {
        const { endpoint } = await open(t);

        await assert.rejects(endpoint.survey(wrong, { mayBeForeign: true }), { code: 'E_UNSAFE_PATH' });
        await assert.rejects(endpoint.withdraw(wrong), { code: 'E_UNSAFE_PATH' });
        await assert.rejects(endpoint.view(wrong), { code: 'E_UNSAFE_PATH' });
      });

    test('files that would leave a generation or a prefix are refused', async (t) => {
      const { endpoint } = await open(t);
      const draft = await endpoint.begin(place, { id: 'one', date: dateOf(1), signal });

      await assert.rejects(draft.write({ ...fileOf('x'), path: '../x' }), { code: 'E_UNSAFE_PATH' });
      await assert.rejects(endpoint.link('ubuntu', [debFile({ ...deb, path: '../x' })], linking()), {
        code: 'E_UNSAFE_PATH',
      });
      await assert.rejects(endpoint.link('../x', [debFile(deb)], linking()), { code: 'E_UNSAFE_PATH' });
    });

    test('package files are checked, linked once, and removed', async (t) => {
      const { endpoint, get, store } = await open(t);
      const checked: string[] = [];
      const options = linking({ check: async ({ path }) => void checked.push(path) });

      const file = debFile(deb, store);
      await endpoint.link('ubuntu', [file], options);
      await endpoint.link('ubuntu', [file], options);
      const published = await get(`ubuntu/${deb.path}`);
      const used = await collect(endpoint.files(place, signal));
      await endpoint.remove('ubuntu', [deb.path], 'unfinished');
      const kept = await get(`ubuntu/${deb.path}`);
      await endpoint.remove('ubuntu', [deb.path, 'pool/none'], 'published');

      assert.deepEqual([published, kept], [deb.bytes, deb.bytes]);
      assert.deepEqual(checked, [deb.path, deb.path]);
      assert.deepEqual(
        used.map(({ of, path, size }) => [of, path, size]),
        [['pool', deb.path, deb.bytes.length]],
      );
      assert.equal(await get(`ubuntu/${deb.path}`), undefined);
      assert.equal(await endpoint.sweep('ubuntu', 'pool'), 0);
    });

    test('a file that the check refuses is not published', async (t) => {
      const { endpoint, get } = await open(t);
      const check = async (): Promise<void> => {
        throw new EspejoError('E_POOL_MISSING', 'gone');
      };

      await assert.rejects(endpoint.link('ubuntu', [debFile(deb)], linking({ check })), {
        code: 'E_POOL_MISSING',
      });

      assert.equal(await get(`ubuntu/${deb.path}`), undefined);
    });

    test('a published file with other content is told of, and replaced unless that is refused', async (t) => {
      const { endpoint, get, store } = await open(t);
      await endpoint.link('ubuntu', [debFile(deb, store)], linking());
      const other = debFile({ path: deb.path, bytes: Buffer.from('other bytes') }, store);
      const refusal = linking({
        onDifferent: async (_, name) => {
          throw new EspejoError('E_PUBLISH_CONFLICT', name);
        },
      });

      const differing = await endpoint.differing('ubuntu', [other, debFile(newerDeb)], sourceOf);
      await assert.rejects(endpoint.link('ubuntu', [other], refusal), {
        code: 'E_PUBLISH_CONFLICT',
        message: endpoint.nameOf(`ubuntu/${deb.path}`),
      });
      const kept = await get(`ubuntu/${deb.path}`);
      await endpoint.link('ubuntu', [other], linking());

      assert.deepEqual([...differing], [deb.path]);
      assert.deepEqual(kept, deb.bytes);
      assert.equal(String(await get(`ubuntu/${deb.path}`)), 'other bytes');
    });

    test('what can only be read is linked once too', async (t) => {
      const { endpoint, get } = await open(t);
      const older = debFile({ path: deb.path, bytes: Buffer.from('older') });
      const replaced: string[] = [];
      const options = linking({ onDifferent: async ({ path }) => void replaced.push(path) });

      for (const file of [older, debFile(deb), debFile(deb)]) await endpoint.link('ubuntu', [file], options);

      assert.deepEqual(replaced, [deb.path]);
      assert.deepEqual(await get(`ubuntu/${deb.path}`), deb.bytes);
    });

    test('bytes that are not what the index says get no name', async (t) => {
      const { endpoint, get } = await open(t);
      const wrong = { ...debFile(deb), sha256: '0'.repeat(64) };

      await assert.rejects(endpoint.link('ubuntu', [wrong], linking()), { code: 'E_DIGEST_MISMATCH' });

      assert.equal(await get(`ubuntu/${deb.path}`), undefined);
    });

    test('files of others keep their directories', async (t) => {
      const { endpoint, put } = await open(t);
      await publish(endpoint, 'one', 'first');
      await put('ubuntu/dists/README', Buffer.from('theirs'));

      await endpoint.withdraw(place);

      assert.equal(await endpoint.sweep('ubuntu', 'dists'), 1);
    });

    test('prefixes are told apart', async (t) => {
      const { endpoint } = await open(t);

      assert.equal(endpoint.identity('ubuntu'), endpoint.identity('ubuntu'));
      assert.notEqual(endpoint.identity('ubuntu'), endpoint.identity('debian'));
    });

    if (withCrashes) crashes(open);
  });
}

/** How a run goes wrong: one change fails, or the process is as good as dead from then on. */
const ways = ['fails', 'dies'] as const;

function crashes(open: (context: TestContext) => Promise<EndpointUnderTest>): void {
  for (const way of ways) {
    test(`a switch that ${way} at any change leaves a whole tree, and the next one leaves nothing else`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        await publishWith(tested.endpoint, 'one', 'first', { file: deb, store: tested.store });

        const isDone = await dying(() =>
          publishWith(tested.endpoint, 'two', 'second', { file: newerDeb, store: tested.store }),
        );

        const endpoint = tested.reopen();
        assert.match((await clientSees(tested.get)) ?? 'nothing', /^(first|second)$/);
        const { visible } = await endpoint.survey(place, { mayBeForeign: false });
        const seen = (await clientSees(tested.get)) ?? 'nothing';
        assert.deepEqual(visible, { kind: 'generation', id: seen === 'first' ? 'one' : 'two' });
        await publishWith(endpoint, 'three', 'third', { file: newerDeb, store: tested.store });
        assert.equal(await clientSees(tested.get), 'third');
        assert.deepEqual(await leftOf(endpoint, ['three'], [newerDeb.path]), []);
        return isDone;
      });
    });

    test(`a first publication that ${way} at any change is whole or nothing`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        const isDone = await dying(() =>
          publishWith(tested.endpoint, 'one', 'first', { file: deb, store: tested.store }),
        );

        const endpoint = tested.reopen();
        const { visible } = await endpoint.survey(place, { mayBeForeign: false });
        assert.equal(await clientSees(tested.get), visible.kind === 'nothing' ? undefined : 'first');
        await publishWith(endpoint, 'two', 'second', { file: newerDeb, store: tested.store });
        assert.equal(await clientSees(tested.get), 'second');
        assert.deepEqual(await leftOf(endpoint, ['two'], [newerDeb.path]), []);
        return isDone;
      });
    });

    test(`a take-over that ${way} at any change leaves their tree or ours`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        await putForeign(tested.put);

        const isDone = await dying(() =>
          publish(tested.endpoint, 'one', 'first', { carries: ['foreign'], takesOver: true }),
        );

        const endpoint = tested.reopen();
        const { visible } = await endpoint.survey(place, { mayBeForeign: true });
        assert.equal(await clientSees(tested.get), visible.kind === 'foreign' ? 'theirs' : 'first');
        await publish(endpoint, 'two', 'second', { takesOver: visible.kind === 'foreign' });
        assert.equal(await clientSees(tested.get), 'second');
        assert.deepEqual(await leftOf(endpoint, ['two']), []);
        return isDone;
      });
    });

    test(`a withdrawal that ${way} at any change is ended by the next`, async (t) => {
      await atEachChange(t, { open, way }, async (tested, { dying }) => {
        await publishWith(tested.endpoint, 'one', 'first', { file: deb, store: tested.store });

        const isDone = await dying(() => tested.endpoint.withdraw(place));

        const endpoint = tested.reopen();
        await endpoint.withdraw(place);
        await endpoint.remove('ubuntu', [deb.path], 'published');
        assert.equal(await clientSees(tested.get), undefined);
        assert.deepEqual(await collect(endpoint.files(place, signal)), []);
        return isDone;
      });
    });
  }
}

type Crash = {
  /** @returns whether the work came to its end */
  dying(work: () => Promise<void>): Promise<boolean>;
};

/** Runs a story with a fault at its first change, then at its second, until it comes to its end without one. */
async function atEachChange(
  context: TestContext,
  { open, way }: { open: (context: TestContext) => Promise<EndpointUnderTest>; way: (typeof ways)[number] },
  story: (tested: EndpointUnderTest, crash: Crash) => Promise<boolean>,
): Promise<void> {
  let step = 0;
  for (let isDone = false; !isDone; step += 1) {
    const tested = await open(context);
    let left = step;
    const count = (): void => {
      left -= 1;
      if (left === -1 || (left < 0 && way === 'dies')) throw new Error('killed');
    };
    isDone = await story(tested, {
      async dying(work) {
        const { stop } = tested.watch(count);
        try {
          await work();
        } catch (error) {
          assert.match(String(error), /killed/);
        } finally {
          stop();
        }
        return left >= 0;
      },
    });
  }
  assert.ok(step > 3, `${step} steps`);
}

const index = 'main/binary-amd64/Packages';

type PublishOptions = {
  readonly place?: Place;
  readonly isSigned?: boolean;
  readonly carries?: readonly string[];
  readonly takesOver?: boolean;
  /** Earlier generations stay. */
  readonly keeps?: boolean;
};

async function seal(
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

async function publish(
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
async function publishWith(
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

async function putForeign(put: EndpointUnderTest['put']): Promise<void> {
  const { path, facts } = fileOf('theirs');
  await put(`ubuntu/dists/xenial/${path}`, Buffer.from('theirs'));
  await put(`ubuntu/dists/xenial/${byHash(facts)}`, Buffer.from('theirs'));
  for (const [name, bytes] of releaseOf(new Map([[path, facts]]), { isSigned: true }))
    await put(`ubuntu/dists/xenial/${name}`, bytes);
}

/** The text of the index that a client of the tree reads, by hash; undefined when nothing is published. */
async function clientSees(
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
async function leftOf(
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

function fileOf(text: string) {
  const bytes = Buffer.from(text);
  return { path: index, content: [bytes], facts: digestsOf(bytes), byHash: true };
}

function byHash({ digests }: FileFacts): string {
  return byHashPath(index, 'sha256', digests.sha256 ?? '');
}

function releaseOf(
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

function dateOf(second: number): Date {
  return new Date(1_700_000_000_000 + second * 1000);
}

type Deb = PublishedFile & { readonly source: StoredFile };

type Bytes = { readonly path: string; readonly bytes: Buffer };

function debFile({ path, bytes }: Bytes, store: EndpointUnderTest['store'] = streamed): Deb {
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

function sourceOf({ source }: Deb): StoredFile {
  return source;
}

function linking(changes: Partial<LinkOptions<Deb>> = {}): LinkOptions<Deb> {
  return {
    check: async () => undefined,
    source: sourceOf,
    onDifferent: async () => undefined,
    thorough: false,
    signal,
    ...changes,
  };
}

async function textOf(view: View, path: string): Promise<string> {
  const file = await view.open(path);
  assert.ok(file);
  const bytes = Buffer.concat(await collect(file.read()));
  assert.equal(bytes.length, file.size);
  return String(bytes);
}
