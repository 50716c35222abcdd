import { EspejoError } from '../core/errors.ts';
import type { Release } from '../deb/release.ts';
import type { CheckedSignature, SignatureStatus } from '../openpgp/contract.ts';
import { type AllowedDoubts, isAllowed, keyOfDoubt } from '../openpgp/doubts.ts';

/** The named ways to be less strict; each is a key of a mirror's configuration, the first three a flag of `sync` too. */
export type TrustPolicy = {
  readonly verifySignatures: boolean;
  readonly checkValidUntil: boolean;
  readonly checkDate: boolean;
} & AllowedDoubts;

/** A Release dated further ahead than this is refused, as apt refuses it (Acquire::Max-FutureTime). */
const futureToleranceMs = 10_000;

/**
 * At least one signature must be good, or as good as is allowed; others may be by unknown or weak keys, as Ubuntu
 * co-signs with an old key. A signature that does not fit the text at all stops everything: somebody altered the file.
 * @returns what a user should know: nothing when a signature is good
 * @throws E_SIGNATURE_MISSING, E_SIGNATURE_INVALID, E_SIGNATURE_UNKNOWN_KEY, E_SIGNATURE_WEAK, E_SIGNATURE_EXPIRED
 */
export function assertSigned(
  what: string,
  signatures: readonly CheckedSignature[],
  allowed: AllowedDoubts,
): readonly string[] {
  if (signatures.length === 0) {
    throw new EspejoError('E_SIGNATURE_MISSING', `${what}: is not signed`, {
      hint: 'use an archive that signs its Release, or set verify_signatures: false for this mirror',
    });
  }
  if (signatures.some(({ status }) => status === 'bad')) throw signatureError(what, 'bad', signatures);
  if (signatures.some(({ status }) => status === 'good')) return [];
  const believed = signatures.filter((one) => isAllowed(one, allowed));
  if (believed.length > 0) return believed.map((one) => doubtText(what, one));
  const worst = statusesByWeight.find((status) => signatures.some((one) => one.status === status));
  throw signatureError(what, worst ?? 'unknown-key', signatures);
}

/** One sentence on a signature that is believed in spite of its doubts. */
function doubtText(what: string, { keyId, reason }: CheckedSignature): string {
  return `${what}: believed by the signature of ${keyId} alone, although ${reason ?? 'it is weak'}`;
}

/** Which reason to name when no signature is good: the one that says most. */
const statusesByWeight = ['revoked', 'expired', 'weak', 'unsupported', 'unknown-key'] as const;

function signatureError(
  what: string,
  status: SignatureStatus,
  signatures: readonly CheckedSignature[],
): EspejoError {
  const meant = signatures.filter((one) => one.status === status);
  const keys = meant.map(({ keyId }) => keyId).join(', ');
  const reasons = [...new Set(meant.flatMap(({ reason }) => reason ?? []))].join('; ');
  const context = { signatures: signatures.map(({ keyId, status, digest }) => ({ keyId, status, digest })) };
  switch (status) {
    case 'good':
    case 'bad':
      return new EspejoError('E_SIGNATURE_INVALID', `${what}: the signature by ${keys} does not fit`, {
        context,
        hint: 'the file was altered on its way, or the upstream is in the middle of an update; try again or use another URL',
      });
    case 'unknown-key':
      return new EspejoError('E_SIGNATURE_UNKNOWN_KEY', `${what}: signed by ${keys}, not by a trusted key`, {
        context,
        hint: 'add the archive key to "keyring" of this mirror after checking its fingerprint',
      });
    case 'weak':
    case 'unsupported':
      return new EspejoError(
        'E_SIGNATURE_WEAK',
        `${what}: the signature by ${keys} is not enough: ${reasons}`,
        { context, hint: hintFor(meant) },
      );
    case 'expired':
    case 'revoked':
      return new EspejoError(
        'E_SIGNATURE_EXPIRED',
        `${what}: the signature by ${keys} is not enough: ${reasons}`,
        { context, hint: hintFor(meant) },
      );
  }
}

/** The keys of the configuration that would let one of some signatures through, else what is left to do. */
function hintFor(signatures: readonly CheckedSignature[]): string {
  const [allowable] = signatures.filter(({ doubts }) => doubts.length > 0);
  if (allowable === undefined) {
    return signatures.some(({ status }) => status === 'weak' || status === 'unsupported')
      ? 'no verifier takes it; ask the archive to sign with RSA and SHA-512'
      : 'get the renewed archive keyring and name it under "keyring"';
  }
  const keys = [...new Set(allowable.doubts.map((doubt) => settingOfKey[keyOfDoubt[doubt]]))];
  const renewed = allowable.doubts.includes('expired-key') ? 'get the renewed archive keyring; or, ' : '';
  return `${renewed}if this archive has nothing better, set ${keys.join(' and ')} for this mirror`;
}

const settingOfKey: Readonly<Record<keyof AllowedDoubts, string>> = {
  allowWeakSignatures: 'allow_weak_signatures: true',
  allowExpiredKeys: 'allow_expired_keys: true',
};

export type ReleaseExpectation = {
  /** URL for errors. */
  readonly what: string;
  /** The suite asked for, as its directory or the configuration has it; undefined in a flat archive, which has neither. */
  readonly suite: string | undefined;
  /** Milliseconds since 1970 of the Release accepted before, if any. */
  readonly acceptedDate: number | undefined;
  /** Whether these very bytes were accepted once, and others after them: for a Release whose date says nothing. */
  readonly isSuperseded?: boolean;
  readonly now: Date;
};

/**
 * The checks that a signature alone does not give: the right suite (an attacker could serve another one of the same
 * archive), no step back in time, not past Valid-Until (both would hide security updates), strong digests.
 * @throws E_RELEASE_SUITE, E_RELEASE_OLDER, E_RELEASE_EXPIRED, E_RELEASE_FUTURE, E_RELEASE_WEAK
 */
export function assertAcceptable(
  release: Release,
  expectation: ReleaseExpectation,
  policy: Pick<TrustPolicy, 'checkDate' | 'checkValidUntil'>,
): void {
  assertSuite(release, expectation);
  if (policy.checkDate) assertDate(release, expectation);
  if (policy.checkValidUntil) assertNotExpired(release.validUntil, expectation);
  assertStrongDigests(release, expectation);
}

/**
 * All that {@link assertAcceptable} would refuse: for mirrors made by hand, whose archives may be closed, frozen or
 * labelled in their own way.
 */
export function releaseConcerns(release: Release, expectation: ReleaseExpectation): readonly EspejoError[] {
  const checks = [
    () => assertSuite(release, expectation),
    () => assertDate(release, expectation),
    () => assertNotExpired(release.validUntil, expectation),
    () => assertStrongDigests(release, expectation),
  ];
  return checks.flatMap((check) => {
    try {
      check();
      return [];
    } catch (error) {
      if (error instanceof EspejoError) return [error];
      throw error;
    }
  });
}

function assertSuite({ suite, codename }: Release, expectation: ReleaseExpectation): void {
  const asked = expectation.suite;
  if (asked === undefined || (suite === undefined && codename === undefined)) return;
  const accepted = [asked, asked.split('/')[0]];
  if (accepted.includes(suite)) return;
  if (accepted.includes(codename) && !isPocketOf(codename, suite)) return;
  const found = [suite && `Suite ${suite}`, codename && `Codename ${codename}`].filter(Boolean).join(', ');
  throw new EspejoError('E_RELEASE_SUITE', `${expectation.what}: asked for ${asked}, got ${found}`, {
    context: { asked, suite, codename },
    hint: `correct the name under "suites"; if the archive serves it under another name, write {name: ${asked}, expect: ${suite ?? codename}}; else do not trust this upstream`,
  });
}

/** Ubuntu's pockets share one codename: `xenial-updates` must not pass for `xenial`. */
function isPocketOf(codename: string | undefined, suite: string | undefined): boolean {
  return codename !== undefined && suite?.startsWith(`${codename}-`) === true;
}

function assertDate({ date }: Release, { what, acceptedDate, isSuperseded, now }: ReleaseExpectation): void {
  if (isSuperseded === true && (date === undefined || acceptedDate === undefined)) {
    throw new EspejoError(
      'E_RELEASE_OLDER',
      `${what}: has no date that can be read and is one that was accepted before the last one`,
      {
        hint: 'the upstream is stale or replays an old state; use another URL, or allow it once with -allow-older-release',
      },
    );
  }
  if (date === undefined) return;
  if (acceptedDate !== undefined && date.getTime() < acceptedDate) {
    throw new EspejoError(
      'E_RELEASE_OLDER',
      `${what}: dated ${date.toISOString()}, older than ${new Date(acceptedDate).toISOString()} accepted before`,
      {
        hint: 'the upstream is stale or replays an old state; use another URL, or allow it once with -allow-older-release',
      },
    );
  }
  if (date.getTime() > now.getTime() + futureToleranceMs) {
    throw new EspejoError(
      'E_RELEASE_FUTURE',
      `${what}: dated ${date.toISOString()}, which is in the future`,
      {
        hint: 'set the clock of this machine, or use another URL',
      },
    );
  }
}

/**
 * Refuses a Release that is past its Valid-Until; also for one that upstream says is unchanged, since holding a client
 * at an old state is an attack of its own.
 * @throws E_RELEASE_EXPIRED
 */
export function assertNotExpired(
  validUntil: Date | undefined,
  { what, now }: Pick<ReleaseExpectation, 'what' | 'now'>,
): void {
  if (validUntil === undefined || validUntil.getTime() >= now.getTime()) return;
  throw new EspejoError('E_RELEASE_EXPIRED', `${what}: was valid until ${validUntil.toISOString()}`, {
    hint: 'the upstream is stale; use another URL, or allow it with check_valid_until: false or -ignore-valid-until',
  });
}

function assertStrongDigests(release: Release, { what }: ReleaseExpectation): void {
  for (const [path, { digests }] of release.files) {
    if (digests.sha256 !== undefined || digests.sha512 !== undefined) continue;
    throw new EspejoError('E_RELEASE_WEAK', `${what}: lists ${path} without SHA256 or SHA512`, {
      hint: 'MD5 and SHA-1 prove nothing any more; ask the archive to list SHA256',
    });
  }
}
