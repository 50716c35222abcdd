import { EspejoError, isEspejoError } from '../core/errors.ts';
import { type ProgramOptions, runProgram } from '../core/run-program.ts';

/** What signs: one of the families of the `gpg` program, or the preferred one that is there. */
export type GpgProvider = 'gpg' | 'gpg1' | 'gpg2';

/** A `gpg` that was found on the path. */
export type GpgProgram = {
  readonly name: string;
  readonly major: 1 | 2;
  /** Asks for passphrases through a `gpg-agent` and a pinentry, unless told otherwise: 2.1 and later. */
  readonly hasLoopback: boolean;
};

/** Names by provider, in the order in which they are tried; each must report the version. */
const candidates: Readonly<Record<GpgProvider, readonly (readonly [name: string, major: 1 | 2])[]>> = {
  gpg1: [
    ['gpg', 1],
    ['gpg1', 1],
  ],
  gpg2: [
    ['gpg', 2],
    ['gpg2', 2],
  ],
  gpg: [
    ['gpg', 1],
    ['gpg1', 1],
    ['gpg', 2],
    ['gpg2', 2],
  ],
};

/**
 * Finds the program of a provider by what it says of its version (semantics.md 7.5).
 * @throws E_TOOL_MISSING in aptly's words; E_ABORTED
 */
export async function findGpg(
  provider: GpgProvider,
  options: Pick<ProgramOptions, 'env' | 'signal'>,
): Promise<GpgProgram> {
  const versions = new Map<string, Version | undefined>();
  for (const [name, major] of candidates[provider]) {
    const version = versions.has(name) ? versions.get(name) : await versionOf(name, options);
    versions.set(name, version);
    if (version?.major === major) return { name, major, hasLoopback: major === 2 && version.minor >= 1 };
  }
  throw new EspejoError(
    'E_TOOL_MISSING',
    `Couldn't find a suitable gpg executable. Make sure ${wanted(provider)}`,
    {
      hint: 'install gnupg, or sign in process: gpgProvider internal, or "espejo key generate"',
    },
  );
}

type Version = { readonly major: number; readonly minor: number };

async function versionOf(
  name: string,
  options: Pick<ProgramOptions, 'env' | 'signal'>,
): Promise<Version | undefined> {
  try {
    const { status, output } = await runProgram(name, ['--version'], options);
    const [, major, minor] = /\(GnuPG[^)\n]*\) (\d+)\.(\d+)/.exec(output.toString('latin1')) ?? [];
    return status === 0 && major !== undefined ? { major: Number(major), minor: Number(minor) } : undefined;
  } catch (error) {
    if (isEspejoError(error, 'E_TOOL_MISSING', 'E_PERMISSION', 'E_IO')) return undefined;
    throw error;
  }
}

function wanted(provider: GpgProvider): string {
  switch (provider) {
    case 'gpg':
      return 'gnupg is installed';
    case 'gpg1':
      return 'gnupg1 is available as either gpg(v) or gpg(v)1 in $PATH';
    case 'gpg2':
      return 'gnupg2 is available as either gpg(v) or gpg(v)2 in $PATH';
  }
}
