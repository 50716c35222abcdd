import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { Event } from '../../src/packages/events.ts';
import {
  archiveDate,
  makeDebSpec,
  makeUpstreamArchive,
  rewriteSuite,
  type SuiteDraft,
  type UpstreamArchive,
} from '../builders/upstream-archive.ts';
import { failureOf, testJob } from '../support/fetching.ts';
import { makeKey } from '../support/openpgp-keys.ts';
import { clearsignWith } from '../support/openpgp-signatures.ts';
import { type MirrorChanges, type SyncBench, testSigner, testSync } from '../support/syncing.ts';

const inRelease = '/ubuntu/dists/xenial/InRelease';
const release = '/ubuntu/dists/xenial/Release';
const suites = { xenial: { main: [makeDebSpec('alpha', '1.0')] } };

type HostileBench = SyncBench & { readonly archive: UpstreamArchive };

async function benchWith(
  context: TestContext,
  change: (draft: SuiteDraft) => void = () => undefined,
): Promise<HostileBench> {
  const bench = await testSync(context);
  const signer = await testSigner();
  const archive = await makeUpstreamArchive({ suites }, signer);
  await rewriteSuite(archive, 'xenial', signer, change);
  bench.serve(archive);
  return { ...bench, archive };
}

/** The code that a sync fails with; nothing may be left of it. */
async function refusalOf(bench: SyncBench, changes: MirrorChanges = {}): Promise<string> {
  const error = await failureOf(bench.sync(changes));
  assert.deepEqual(await bench.state(), []);
  assert.equal(bench.upstream.requests.filter(({ path }) => path.includes('/pool/')).length, 0);
  assert.deepEqual(await bench.leftovers(), { indexes: [], tmp: [] });
  return error.code;
}

test('an unsigned Release is refused', async (context) => {
  const bench = await benchWith(context);
  bench.upstream.files.delete(inRelease);
  bench.upstream.files.delete(`${release}.gpg`);

  assert.equal(await refusalOf(bench), 'E_SIGNATURE_MISSING');
});

test('an InRelease without armour is refused, and no weaker file is asked for', async (context) => {
  const bench = await benchWith(context);
  bench.upstream.files.set(inRelease, bench.archive.get('dists/xenial/Release') ?? Buffer.alloc(0));

  assert.equal(await refusalOf(bench), 'E_SIGNATURE_MISSING');
  assert.equal(bench.upstream.count(), 1);
});

test('a signature by a key outside the keyring is refused', async (context) => {
  const bench = await benchWith(context);
  const stranger = await testSigner('other');

  assert.equal(await refusalOf(bench, { keys: [stranger.publicKey.armored] }), 'E_SIGNATURE_UNKNOWN_KEY');
});

test('one of several trusted keys is enough', async (context) => {
  const bench = await benchWith(context);
  const keys = [(await testSigner('other')).publicKey.armored, (await testSigner()).publicKey.armored];

  const result = await bench.sync({ keys });

  assert.equal(result.outcome, 'synced');
});

test('Release with Release.gpg is as good as InRelease', async (context) => {
  const bench = await benchWith(context);
  bench.upstream.files.delete(inRelease);

  const result = await bench.sync();

  assert.equal(result.outcome, 'synced');
});

test('a key that has expired is refused', async (context) => {
  const bench = await benchWith(context);
  const key = await makeKey({ keyExpirationTime: 155 * 86_400 });
  const content = bench.archive.get('dists/xenial/Release') ?? Buffer.alloc(0);
  bench.upstream.files.set(inRelease, await clearsignWith(key, content, archiveDate));
  const keys = [key.toPublic().armor()];

  const error = await failureOf(bench.sync({ keys }, { now: new Date('2024-06-20') }));
  const before = await bench.sync({ keys }, { now: new Date('2024-06-02T13:00:00Z') });

  assert.equal(error.code, 'E_SIGNATURE_EXPIRED');
  assert.equal(before.outcome, 'synced');
});

test('what a key signed before it expired is enough where that is allowed, with a warning', async (context) => {
  const bench = await benchWith(context);
  const key = await makeKey({ keyExpirationTime: 155 * 86_400 });
  const content = bench.archive.get('dists/xenial/Release') ?? Buffer.alloc(0);
  bench.upstream.files.set(inRelease, await clearsignWith(key, content, archiveDate));
  const keys = [key.toPublic().armor()];
  const job = testJob();
  const now = new Date('2024-06-20');

  const refused = await failureOf(bench.sync({ keys }, { now }));
  const result = await bench.sync({ keys, allowExpiredKeys: true }, { now, job });

  assert.match(refused.hint ?? '', /allow_expired_keys: true/);
  assert.equal(result.outcome, 'synced');
  assert.match(
    warningsIn(job),
    /InRelease: believed by the signature of [0-9A-F]{16} alone, although the key/,
  );
});

test('a weak key is refused by name of what allows it, and enough with a warning where it is allowed', async (context) => {
  const bench = await benchWith(context);
  const key = await makeKey({ rsaBits: 1024 });
  const content = bench.archive.get('dists/xenial/Release') ?? Buffer.alloc(0);
  bench.upstream.files.set(inRelease, await clearsignWith(key, content, archiveDate));
  const keys = [key.toPublic().armor()];
  const job = testJob();

  const refused = await failureOf(bench.sync({ keys }));
  const result = await bench.sync({ keys, allowWeakSignatures: true }, { job });
  const again = await failureOf(bench.sync({ keys }));

  assert.equal(refused.code, 'E_SIGNATURE_WEAK');
  assert.match(refused.message, /an RSA key of 1024 bits is too weak/);
  assert.match(refused.hint ?? '', /allow_weak_signatures: true/);
  assert.equal(result.outcome, 'synced');
  assert.match(
    warningsIn(job),
    /InRelease: believed by the signature of [0-9A-F]{16} alone, although an RSA/,
  );
  assert.equal(again.code, 'E_SIGNATURE_WEAK');
});

function warningsIn({ events }: ReturnType<typeof testJob>): string {
  return events.map((event) => (event.type === 'warning' ? event.message : '')).join('\n');
}

test('an InRelease whose text was altered is refused', async (context) => {
  const bench = await benchWith(context);
  const text = (bench.archive.get('dists/xenial/InRelease') ?? Buffer.alloc(0)).toString();
  bench.upstream.files.set(inRelease, Buffer.from(text.replace('Origin: Test', 'Origin: Evil')));

  assert.equal(await refusalOf(bench), 'E_SIGNATURE_INVALID');
});

test('a Release that differs from what Release.gpg signs is refused', async (context) => {
  const bench = await benchWith(context);
  bench.upstream.files.delete(inRelease);
  const text = (bench.archive.get('dists/xenial/Release') ?? Buffer.alloc(0)).toString();
  bench.upstream.files.set(release, Buffer.from(text.replace('Origin: Test', 'Origin: Evil')));

  assert.equal(await refusalOf(bench), 'E_SIGNATURE_INVALID');
});

test('a Release that differs from InRelease does not count', async (context) => {
  const bench = await benchWith(context);
  bench.upstream.files.set(release, Buffer.from('Origin: Evil\n'));

  await bench.sync();

  assert.equal((await bench.state())[0]?.meta['Origin'], 'Test');
  assert.equal(bench.upstream.count(release), 0);
});

test('text before or after the signed part is refused', async (context) => {
  const bench = await benchWith(context);
  const signed = bench.archive.get('dists/xenial/InRelease') ?? Buffer.alloc(0);
  bench.upstream.files.set(inRelease, Buffer.concat([Buffer.from('Origin: Evil\n\n'), signed]));

  assert.equal(await refusalOf(bench), 'E_SIGNATURE_INVALID');
});

test('a Release of another suite is refused', async (context) => {
  const bench = await benchWith(context, (draft) => {
    draft.fields = { ...draft.fields, suite: 'trusty', codename: 'trusty' };
  });

  assert.equal(await refusalOf(bench), 'E_RELEASE_SUITE');
});

test('a Release past its Valid-Until is refused, unless that is allowed by name', async (context) => {
  const bench = await benchWith(context, (draft) => {
    draft.fields = { ...draft.fields, validUntil: new Date('2024-06-02') };
  });

  assert.equal(await refusalOf(bench), 'E_RELEASE_EXPIRED');
  assert.equal((await bench.sync({}, { policy: { checkValidUntil: false } })).outcome, 'synced');
});

test('a Release of the future is refused', async (context) => {
  const bench = await benchWith(context, (draft) => {
    draft.fields = { ...draft.fields, date: new Date('2025-01-01') };
  });

  assert.equal(await refusalOf(bench), 'E_RELEASE_FUTURE');
});

test('an older Release than the accepted one is refused, also after the configuration changed', async (context) => {
  const bench = await benchWith(context);
  await bench.sync();
  const before = await bench.state();
  const signer = await testSigner();
  bench.serve(await makeUpstreamArchive({ suites, date: new Date('2024-05-01') }, signer));

  const error = await failureOf(bench.sync());
  const changed = await failureOf(bench.sync({ packages: ['alpha (>= 0)'], recommends: true }));
  const rekeyed = await failureOf(
    bench.sync({ keys: [signer.publicKey.armored, (await testSigner('other')).publicKey.armored] }),
  );

  assert.deepEqual([error.code, changed.code, rekeyed.code], Array(3).fill('E_RELEASE_OLDER'));
  assert.deepEqual(await bench.state(), before);
});

test('an older Release is accepted when that is allowed by name', async (context) => {
  const bench = await benchWith(context);
  await bench.sync();
  bench.serve(await makeUpstreamArchive({ suites, date: new Date('2024-05-01') }, await testSigner()));

  const result = await bench.sync({}, { policy: { checkDate: false } });

  assert.equal(result.outcome, 'synced');
});

const texts: readonly (readonly [what: string, code: string, edit: (text: string) => string])[] = [
  ['no strong digests', 'E_RELEASE_WEAK', (text) => text.replace(/^SHA256:[\s\S]*/m, '')],
  ['two sizes of one file', 'E_RELEASE_SYNTAX', (text) => text.replace(/(SHA256:\n \w+ +)\d/, '$19')],
  [
    'not the component',
    'E_COMPONENT_UNKNOWN',
    (text) => withoutIndexes(text.replace('Components: main', 'Components: other')),
  ],
  [
    'not the architecture',
    'E_ARCHITECTURE_UNKNOWN',
    (text) => withoutIndexes(text.replace('Architectures: amd64', 'Architectures: s390x')),
  ],
  ['not the index', 'E_INDEX_NOT_LISTED', withoutIndexes],
];

function withoutIndexes(text: string): string {
  return text.replace(/ .*main\/binary-amd64.*\n/g, '');
}

for (const [what, code, edit] of texts) {
  test(`a signed Release with ${what} is refused`, async (context) => {
    const bench = await benchWith(context, (draft) => {
      draft.text = edit;
    });

    const error = await failureOf(bench.sync());

    assert.match(error.code, new RegExp(`^(${code}|E_CONTROL_SYNTAX)$`));
    assert.deepEqual(await bench.state(), []);
  });
}

const odd: readonly (readonly [what: string, fault: RegExp, edit: (text: string) => string])[] = [
  ['no Date', /Date: it is missing/, (text) => text.replace(/^Date: .*\n/m, '')],
  ['a Date in ISO form', /is not a date/, (text) => text.replace(/^Date: .*/m, 'Date: 2016-09-29 13:22:30')],
  ['a Valid-Until that is none', /Valid-Until/, (text) => text.replace('Date:', 'Valid-Until: never\nDate:')],
  ['a path with ".."', /path "\.\.\/binary/, (text) => text.replace('main/binary', '../binary')],
  ['a component ".."', /Components/, (text) => text.replace('Components: main', 'Components: main ../..')],
  [
    'an absolute component',
    /Components/,
    (text) => text.replace('Components: main', 'Components: main /etc'),
  ],
  ['an architecture with a slash', /Architectures/, (text) => text.replace('amd64\n', 'amd64 a/../b\n')],
  ['a field twice', /there twice/, (text) => text.replace('Date:', 'Label: evil\nDate:')],
  ['a line that is no field', /"garbage" is no field/, (text) => text.replace('Date:', 'garbage\nDate:')],
  [
    'a path twice that nobody needs',
    /listed twice/,
    (text) =>
      text.replace('SHA256:\n', `SHA256:\n ${'0'.repeat(64)} 5 main/x\n ${'1'.repeat(64)} 6 main/x\n`),
  ],
];

for (const [what, fault, edit] of odd) {
  test(`a signed Release with ${what} is a warning`, async (context) => {
    const bench = await benchWith(context, (draft) => {
      draft.text = edit;
    });
    const messages: string[] = [];
    const report = (event: Event): void => {
      if (event.type === 'warning') messages.push(event.message);
    };

    const result = await bench.sync({}, { job: { ...testJob(), report } });

    assert.deepEqual([result.outcome, result.warnings], ['synced', 1]);
    assert.match(messages.join('\n'), fault);
  });
}

test('a Release without date that was accepted and followed by another is not accepted again', async (context) => {
  const bench = await testSync(context);
  const signer = await testSigner();
  const archives = [];
  for (const label of ['one', 'two']) {
    const archive = await makeUpstreamArchive({ suites }, signer);
    await rewriteSuite(archive, 'xenial', signer, (draft) => {
      draft.text = (text) => text.replace(/^Date: .*\n/m, '').replace(/^Label: .*/m, `Label: ${label}`);
    });
    archives.push(archive);
  }
  const [first, second] = archives;
  assert.ok(first !== undefined && second !== undefined);
  for (const archive of [first, second]) {
    bench.serve(archive);
    await bench.sync();
  }
  bench.serve(first);

  const error = await failureOf(bench.sync());
  const allowed = await bench.sync({}, { policy: { checkDate: false } });

  assert.equal(error.code, 'E_RELEASE_OLDER');
  assert.equal(allowed.outcome, 'synced');
});

test('a huge field fails by the size of the whole', async (context) => {
  const bench = await benchWith(context, (draft) => {
    draft.text = (text) => text.replace('Origin: Test', `Origin: ${'x'.repeat(2 << 20)}`);
  });

  assert.equal(await refusalOf(bench), 'E_SIZE_LIMIT');
});

test('an endless InRelease is given up at its limit', async (context) => {
  const bench = await benchWith(context);
  bench.upstream.fault(inRelease, { kind: 'endless' });

  assert.equal(await refusalOf(bench), 'E_SIZE_LIMIT');
});

test('a truncated InRelease is refused', async (context) => {
  const bench = await benchWith(context);
  bench.upstream.fault(inRelease, { kind: 'unannounced', after: 300 });

  assert.match(await refusalOf(bench), /^E_SIGNATURE_/);
});

test('credentials of the upstream are not sent to another origin', async (context) => {
  const bench = await benchWith(context);
  const thief = await testSync(context);
  thief.serve(bench.archive);
  bench.upstream.fault(
    '*',
    { kind: 'redirect', to: `${thief.upstream.url}ubuntu/dists/xenial/InRelease` },
    1,
  );
  const url = bench.url.replace('http://', 'http://user:secret@');

  await bench.sync({ suites: [{ name: 'xenial', urls: [url], components: ['main'] }] });

  assert.equal(thief.upstream.requests[0]?.headers.authorization, undefined);
  assert.match(bench.upstream.requests[0]?.headers.authorization ?? '', /^Basic /);
  assert.doesNotMatch(JSON.stringify(await bench.state()), /secret/);
});
