import { type PublicKey, readKeys } from 'openpgp';
import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import { type ProgramOptions, runProgram } from '../core/run-program.ts';
import type { Signer } from './contract.ts';
import { renderPublicKeys } from './export-public-key.ts';
import type { GpgProgram } from './find-gpg.ts';
import { type GpgSettings, keyringArguments } from './gpg-arguments.ts';
import { keyConfig, openpgpConfig } from './policy.ts';
import { asKeyId } from './private-keys.ts';
import { type SigningParts, signingWarnings } from './signing-warnings.ts';

type GpgKeys = Pick<Signer, 'fingerprints' | 'primaryFingerprints' | 'publicKey' | 'warnings'>;
type Running = Pick<ProgramOptions, 'env' | 'signal'>;

/**
 * The first program that has the keys that are to sign: GnuPG 1 and 2 keep theirs apart. A secret keyring is a word to the
 * first program alone, since later ones would pass over it and sign with another key.
 * @throws E_KEY_NOT_FOUND in aptly's words when no program has keys at all, and when none has a secret key that fits
 */
export async function programWithKeys(
  programs: readonly GpgProgram[],
  settings: GpgSettings,
  running: Running,
): Promise<{ readonly program: GpgProgram; readonly keys: GpgKeys }> {
  const failures: EspejoError[] = [];
  const asked = settings.secretKeyring === '' ? programs : programs.slice(0, 1);
  for (const program of asked) {
    try {
      return { program, keys: await findGpgKeys(program, settings, running) };
    } catch (error) {
      if (!isEspejoError(error, 'E_KEY_NOT_FOUND')) throw error;
      failures.push(error);
    }
  }
  throw notFound(asked, failures);
}

/** That a key does not fit says more than that a program has none at all. */
function notFound(asked: readonly GpgProgram[], failures: readonly EspejoError[]): EspejoError {
  const failure = failures.find(({ context }) => 'wanted' in context) ?? failures[0];
  invariant(failure !== undefined, 'a program was asked');
  const names = asked.map(({ name }) => name);
  const isAmongSeveral = asked.length > 1 && 'wanted' in failure.context;
  const message = isAmongSeveral
    ? `neither ${names.join(' nor ')} has a secret key${fitting(failure.context['wanted'])}`
    : failure.message;
  const programs = asked.map(({ name, major }) => `${name} (GnuPG ${major})`).join(' and ');
  return new EspejoError('E_KEY_NOT_FOUND', message, {
    cause: failure,
    context: { programs: names },
    hint: `asked: ${programs}; -gpg-provider (gpgProvider) chooses gpg1, gpg2 or internal, and "${names.at(-1)} --list-secret-keys" shows what is there`,
  });
}

function fitting(wanted: unknown): string {
  return typeof wanted === 'string' ? ` that fits "${wanted}"` : '';
}

/**
 * The keys that gpg will sign with. Without `-u` that is its first secret key; that `default-key` in its configuration
 * names another is not seen here.
 * @throws E_KEY_NOT_FOUND in aptly's words when gpg has no keys at all, and when it has no secret key that fits
 */
async function findGpgKeys(program: GpgProgram, settings: GpgSettings, running: Running): Promise<GpgKeys> {
  await assertKeys(program, settings, running);
  const wanted = settings.keys.length === 0 ? [undefined] : settings.keys;
  const primaries: string[] = [];
  for (const key of wanted) primaries.push(await secretKey(program, settings, key, running));
  const exported = await exportKeys(program, settings, primaries, running);
  const now = new Date();
  const parts = await Promise.all(
    primaries.map((primary, at) => signingPart(exported, { primary, wanted: wanted[at], now })),
  );
  return {
    fingerprints: parts.map((found, at) => found?.part.getFingerprint().toUpperCase() ?? primaries[at] ?? ''),
    primaryFingerprints: primaries,
    publicKey: renderPublicKeys(exported),
    warnings: signingWarnings(parts.filter((found) => found !== undefined)),
  };
}

/** As aptly asks: whether gpg runs, and has keys when no keyring is given. */
async function assertKeys(program: GpgProgram, settings: GpgSettings, running: Running): Promise<void> {
  const args = ['--list-keys', '--dry-run', '--no-auto-check-trustdb'];
  const { status, output, complaint } = await runProgram(program.name, args, running);
  if (status !== 0) {
    const reason = `exit status ${status ?? 'unknown'} (is gpg installed?): ${complaint.trim()}`;
    throw new EspejoError('E_KEY_NOT_FOUND', `unable to execute gpg: ${reason}`);
  }
  if (settings.keyrings.length > 0 || settings.secretKeyring !== '' || output.length > 0) return;
  throw new EspejoError(
    'E_KEY_NOT_FOUND',
    'looks like there are no keys in gpg, please create one (official manual: http://www.gnupg.org/gph/en/manual.html)',
    {
      context: { program: program.name },
    },
  );
}

/** The fingerprint of the primary key that a secret key belongs to. */
async function secretKey(
  program: GpgProgram,
  settings: GpgSettings,
  wanted: string | undefined,
  running: Running,
): Promise<string> {
  const args = [
    ...keyringArguments(program, settings),
    ...['--batch', '--no-tty', '--with-colons', '--fingerprint', '--list-secret-keys'],
    ...(wanted === undefined ? [] : ['--', wanted]),
  ];
  const { output } = await runProgram(program.name, args, running);
  const rows = output.toString('latin1').split('\n');
  const fingerprint = rows.find((row) => row.startsWith('fpr:'))?.split(':')[9];
  if (fingerprint !== undefined) return fingerprint;
  throw new EspejoError('E_KEY_NOT_FOUND', `${program.name} has no secret key${fitting(wanted)}`, {
    context: { program: program.name, wanted },
  });
}

/** Their public parts; of secret keys without them (gpg 1) nothing. */
async function exportKeys(
  program: GpgProgram,
  settings: GpgSettings,
  primaries: readonly string[],
  running: Running,
): Promise<readonly PublicKey[]> {
  const args = [...keyringArguments(program, settings), '--batch', '--no-tty', '--export', ...primaries];
  const { output } = await runProgram(program.name, args, running);
  if (output.length === 0) return [];
  const keys = await readKeys({ binaryKeys: output, config: openpgpConfig }).catch(() => []);
  return keys.map((key) => key.toPublic());
}

/** As gpg chooses: the subkey that was named, else the newest that may sign, else the primary; undefined when unknown. */
async function signingPart(
  keys: readonly PublicKey[],
  {
    primary,
    wanted,
    now,
  }: { readonly primary: string; readonly wanted: string | undefined; readonly now: Date },
): Promise<SigningParts | undefined> {
  const key = keys.find((one) => one.getFingerprint().toUpperCase() === primary);
  if (key === undefined) return undefined;
  const id = wanted === undefined ? undefined : asKeyId(wanted);
  const named = key.subkeys.find((subkey) => id !== undefined && subkey.getFingerprint().endsWith(id));
  const chosen = named ?? (await key.getSigningKey(undefined, now, undefined, keyConfig).catch(() => key));
  const part = [key, ...key.subkeys].find((one) => one.getFingerprint() === chosen.getFingerprint());
  return { key, part: part ?? key };
}
