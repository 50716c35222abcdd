import { type PublicKey, readKeys } from 'openpgp';
import { EspejoError } from '../core/errors.ts';
import { type ProgramOptions, runProgram } from '../core/run-program.ts';
import type { Signer } from './contract.ts';
import { renderPublicKeys } from './export-public-key.ts';
import type { GpgProgram } from './find-gpg.ts';
import { type GpgSettings, keyringArguments } from './gpg-arguments.ts';
import { openpgpConfig } from './policy.ts';
import { asKeyId } from './private-keys.ts';

type GpgKeys = Pick<Signer, 'fingerprints' | 'primaryFingerprints' | 'publicKey'>;
type Running = Pick<ProgramOptions, 'env' | 'signal'>;

/**
 * The keys that gpg will sign with. Without `-u` that is its first secret key; that `default-key` in its configuration
 * names another is not seen here.
 * @throws E_KEY_NOT_FOUND in aptly's words when gpg has no keys at all, and when it has no secret key that fits
 */
export async function findGpgKeys(
  program: GpgProgram,
  settings: GpgSettings,
  running: Running,
): Promise<GpgKeys> {
  await assertKeys(program, settings, running);
  const wanted = settings.keys.length === 0 ? [undefined] : settings.keys;
  const primaries: string[] = [];
  for (const key of wanted) primaries.push(await secretKey(program, settings, key, running));
  const exported = await exportKeys(program, settings, primaries, running);
  const now = new Date();
  const fingerprints = await Promise.all(
    primaries.map((primary, at) => signingPart(exported, { primary, wanted: wanted[at], now })),
  );
  return { fingerprints, primaryFingerprints: primaries, publicKey: renderPublicKeys(exported) };
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
      hint:
        program.major === 1
          ? `${program.name} is GnuPG 1, which does not see the keys of GnuPG 2; -gpg-provider=gpg2 takes that`
          : 'or let espejo make one: espejo key generate',
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
  const which = wanted === undefined ? '' : ` that fits "${wanted}"`;
  throw new EspejoError('E_KEY_NOT_FOUND', `${program.name} has no secret key${which}`, {
    context: { program: program.name },
    hint: `see them all: ${program.name} --list-secret-keys`,
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

/** As gpg chooses: the subkey that was named, else the newest that may sign, else the primary. */
async function signingPart(
  keys: readonly PublicKey[],
  {
    primary,
    wanted,
    now,
  }: { readonly primary: string; readonly wanted: string | undefined; readonly now: Date },
): Promise<string> {
  const key = keys.find((one) => one.getFingerprint().toUpperCase() === primary);
  const id = wanted === undefined ? undefined : asKeyId(wanted);
  const named = key?.subkeys.find((subkey) => id !== undefined && subkey.getFingerprint().endsWith(id));
  const part =
    named ?? (await key?.getSigningKey(undefined, now, undefined, openpgpConfig).catch(() => undefined));
  return (part?.getFingerprint() ?? primary).toUpperCase();
}
