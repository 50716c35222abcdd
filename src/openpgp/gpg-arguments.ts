import type { GpgProgram } from './find-gpg.ts';

/** How to sign with `gpg`; empty texts and lists say nothing. */
export type GpgSettings = {
  /** Anything that `gpg -u` takes; each makes a signature. */
  readonly keys: readonly string[];
  /** Public keyrings instead of gpg's own. */
  readonly keyrings: readonly string[];
  /** For gpg 1 only: later ones have none. */
  readonly secretKeyring: string;
  readonly passphrase: string;
  readonly passphraseFile: string;
  /** Ask nothing. */
  readonly batch: boolean;
  /** `SOURCE_DATE_EPOCH`, in seconds since 1970. */
  readonly epoch: string | undefined;
};

/** Where the passphrase is read from: an argument could be seen by everybody on the machine. */
const secretDescriptor = 3;

/** The arguments that choose keyrings. */
export function keyringArguments({ major }: GpgProgram, settings: GpgSettings): readonly string[] {
  const { keyrings, secretKeyring } = settings;
  const own = keyrings.flatMap((keyring) => ['--keyring', keyring]);
  return [
    ...(own.length === 0 ? [] : ['--no-auto-check-trustdb', '--no-default-keyring', ...own]),
    ...(secretKeyring !== '' && major === 1 ? ['--secret-keyring', secretKeyring] : []),
  ];
}

/**
 * The arguments of a signature, in the order of spec/semantics.md 7.5, which gives the reasons.
 * @param files what to sign and where to put the result
 */
export function signArguments(
  program: GpgProgram,
  settings: GpgSettings,
  files: { readonly source: string; readonly target: string; readonly form: 'detached' | 'clearsigned' },
): readonly string[] {
  const { keys, passphrase, passphraseFile, batch, epoch } = settings;
  const hasPassphrase = passphrase !== '' || passphraseFile !== '';
  return [
    ...['-o', files.target, '--digest-algo', 'SHA256'],
    ...(files.form === 'detached' ? ['--armor'] : []),
    '--yes',
    ...keyringArguments(program, settings),
    ...keys.flatMap((key) => ['-u', key]),
    ...(hasPassphrase && program.major === 1 ? ['--no-use-agent'] : []),
    ...(passphrase === '' ? [] : ['--passphrase-fd', String(secretDescriptor)]),
    ...(passphraseFile === '' ? [] : ['--passphrase-file', passphraseFile]),
    ...(batch ? ['--no-tty', '--batch'] : []),
    // Without it gpg passes over the passphrase that it is given.
    ...(program.hasLoopback && (batch || hasPassphrase) ? ['--pinentry-mode', 'loopback'] : []),
    // gpg 1 has no such option and would refuse to run.
    ...(epoch === undefined || program.major === 1 ? [] : ['--faked-system-time', epoch]),
    ...[files.form === 'detached' ? '--detach-sign' : '--clearsign', files.source],
  ];
}
