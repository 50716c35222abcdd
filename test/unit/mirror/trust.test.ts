import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isEspejoError } from '../../../src/core/errors.ts';
import { parseRelease, type Release } from '../../../src/deb/release.ts';
import {
  assertAcceptable,
  assertNotExpired,
  assertSigned,
  type TrustPolicy,
} from '../../../src/mirror/trust.ts';
import type { CheckedSignature, SignatureDoubt, SignatureStatus } from '../../../src/openpgp/contract.ts';
import { allowedByGpgv } from '../../../src/openpgp/doubts.ts';

const what = 'http://test/dists/xenial/InRelease';
const now = new Date('2024-06-02T00:00:00Z');
const nothing = { allowWeakSignatures: false, allowExpiredKeys: false };
const strict: TrustPolicy = { verifySignatures: true, checkValidUntil: true, checkDate: true, ...nothing };

function signature(status: SignatureStatus, doubts: readonly SignatureDoubt[] = []): CheckedSignature {
  return {
    keyId: '0123456789ABCDEF',
    fingerprint: undefined,
    primaryFingerprint: undefined,
    status,
    digest: 'SHA512',
    createdAt: undefined,
    reason: status === 'good' ? undefined : `it is ${status}`,
    doubts,
  };
}

const refusals: readonly (readonly [statuses: readonly SignatureStatus[], code: string])[] = [
  [[], 'E_SIGNATURE_MISSING'],
  [['unknown-key'], 'E_SIGNATURE_UNKNOWN_KEY'],
  [['bad'], 'E_SIGNATURE_INVALID'],
  [['good', 'bad'], 'E_SIGNATURE_INVALID'],
  [['weak', 'unknown-key'], 'E_SIGNATURE_WEAK'],
  [['unsupported'], 'E_SIGNATURE_WEAK'],
  [['expired', 'weak'], 'E_SIGNATURE_EXPIRED'],
  [['revoked', 'expired'], 'E_SIGNATURE_EXPIRED'],
];

for (const [statuses, code] of refusals) {
  test(`signatures that are ${statuses.join(' and ') || 'absent'} are refused`, () => {
    const signatures = statuses.map((status) => signature(status));

    assert.throws(() => assertSigned(what, signatures, allowedByGpgv), { code });
  });
}

test('one good signature is enough beside weak and unknown ones', () => {
  const signatures = [signature('weak', ['weak-key']), signature('unknown-key'), signature('good')];

  assert.deepEqual(assertSigned(what, signatures, nothing), []);
});

const doubtful: readonly (readonly [signature: CheckedSignature, keys: readonly string[], code: string])[] = [
  [signature('weak', ['weak-key']), ['allow_weak_signatures'], 'E_SIGNATURE_WEAK'],
  [signature('weak', ['weak-digest']), ['allow_weak_signatures'], 'E_SIGNATURE_WEAK'],
  [signature('expired', ['expired-key']), ['allow_expired_keys'], 'E_SIGNATURE_EXPIRED'],
  [
    signature('expired', ['expired-key', 'weak-key', 'weak-digest']),
    ['allow_expired_keys', 'allow_weak_signatures'],
    'E_SIGNATURE_EXPIRED',
  ],
];

for (const [one, keys, code] of doubtful) {
  const name = one.doubts.join(' and ');

  test(`a signature of which ${name} is known is refused, and the error names what allows it`, () => {
    assert.throws(
      () => assertSigned(what, [one], nothing),
      (error) => {
        assert.ok(isEspejoError(error, code as 'E_SIGNATURE_WEAK'));
        for (const key of keys) assert.match(error.hint ?? '', new RegExp(`${key}: true`));
        return true;
      },
    );
  });

  test(`a signature of which ${name} is known is believed with a warning when that is allowed`, () => {
    const allowed = {
      allowWeakSignatures: keys.includes('allow_weak_signatures'),
      allowExpiredKeys: keys.includes('allow_expired_keys'),
    };

    const warnings = assertSigned(what, [signature('unknown-key'), one], allowed);

    assert.deepEqual(warnings, [
      `${what}: believed by the signature of 0123456789ABCDEF alone, although it is ${one.status}`,
    ]);
  });
}

test('what allows only some of the doubts is not enough', () => {
  const one = signature('expired', ['expired-key', 'weak-key']);

  assert.throws(() => assertSigned(what, [one], { ...nothing, allowExpiredKeys: true }), {
    code: 'E_SIGNATURE_EXPIRED',
  });
});

function release(fields: Readonly<Record<string, string>>, digests = 'SHA256'): Release {
  const lines = Object.entries({ Date: 'Sat, 01 Jun 2024 12:00:00 UTC', ...fields });
  const text = lines.map(([name, value]) => `${name}: ${value}\n`).join('');
  const hex = 'a'.repeat(digests === 'SHA256' ? 64 : 32);
  return parseRelease(Buffer.from(`${text}${digests}:\n ${hex} 1 main/x\n`), what);
}

function refusalOf(
  one: Release,
  {
    suite = 'xenial',
    acceptedDate,
    policy = strict,
  }: { suite?: string; acceptedDate?: Date; policy?: TrustPolicy } = {},
): string | undefined {
  try {
    assertAcceptable(one, { what, suite, acceptedDate: acceptedDate?.getTime(), now }, policy);
    return undefined;
  } catch (error) {
    if (isEspejoError(error)) return error.code;
    throw error;
  }
}

test('the suite may be named by Suite or by Codename', () => {
  assert.equal(refusalOf(release({ Suite: 'xenial', Codename: 'x' })), undefined);
  assert.equal(refusalOf(release({ Suite: 'stable', Codename: 'xenial' })), undefined);
  assert.equal(
    refusalOf(release({ Suite: 'stable', Codename: 'wheezy' }), { suite: 'wheezy/updates' }),
    undefined,
  );
  assert.equal(refusalOf(release({})), undefined);
  assert.equal(
    refusalOf(release({ Suite: 'xenial', Codename: 'xenial' }), { suite: 'xenial-security' }),
    'E_RELEASE_SUITE',
  );
  assert.equal(refusalOf(release({ Suite: 'trusty', Codename: 'trusty' })), 'E_RELEASE_SUITE');
});

test('the suite is checked whatever is relaxed', () => {
  const policy = { verifySignatures: false, checkValidUntil: false, checkDate: false, ...allowedByGpgv };

  assert.equal(refusalOf(release({ Suite: 'trusty' }), { policy }), 'E_RELEASE_SUITE');
});

test('a Release may have the date of the accepted one, and no older one', () => {
  const one = release({});

  const dated = one.date ?? new Date(0);

  assert.equal(refusalOf(one, { acceptedDate: dated }), undefined);
  assert.equal(refusalOf(one, { acceptedDate: new Date(dated.getTime() + 1000) }), 'E_RELEASE_OLDER');
});

test('a Release may be a few seconds ahead, and no more', () => {
  assert.equal(refusalOf(release({ Date: 'Sun, 02 Jun 2024 00:00:09 UTC' })), undefined);
  assert.equal(refusalOf(release({ Date: 'Sun, 02 Jun 2024 00:00:11 UTC' })), 'E_RELEASE_FUTURE');
});

test('a Release is good until its Valid-Until', () => {
  assert.equal(refusalOf(release({ 'Valid-Until': 'Sun, 02 Jun 2024 00:00:00 UTC' })), undefined);
  assert.equal(refusalOf(release({ 'Valid-Until': 'Sat, 01 Jun 2024 23:59:59 UTC' })), 'E_RELEASE_EXPIRED');
  assert.doesNotThrow(() => assertNotExpired(undefined, { what, now }));
});

test('each check can be relaxed by its name alone', () => {
  const expired = release({ 'Valid-Until': 'Sat, 01 Jun 2024 23:59:59 UTC' });
  const acceptedDate = new Date('2024-06-01T18:00:00Z');

  assert.equal(refusalOf(expired, { policy: { ...strict, checkValidUntil: false } }), undefined);
  assert.equal(refusalOf(expired, { policy: { ...strict, checkDate: false } }), 'E_RELEASE_EXPIRED');
  assert.equal(refusalOf(release({}), { acceptedDate, policy: { ...strict, checkDate: false } }), undefined);
});

test('a file with MD5 alone is refused', () => {
  assert.equal(refusalOf(release({}, 'MD5Sum')), 'E_RELEASE_WEAK');
});
