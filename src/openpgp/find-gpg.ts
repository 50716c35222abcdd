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

/** The families of a provider, and the names of their programs, in the order in which they are tried. */
const families: Readonly<Record<GpgProvider, readonly (1 | 2)[]>> = { gpg1: [1], gpg2: [2], gpg: [1, 2] };
const names: Readonly<Record<1 | 2, readonly string[]>> = { 1: ['gpg', 'gpg1'], 2: ['gpg', 'gpg2'] };

/**
 * Finds the programs of a provider by what they say of their version (spec/semantics.md 7.5): one of each family, the one that
 * aptly would take first.
 * @returns at least one
 * @throws E_TOOL_MISSING in aptly's words; E_ABORTED
 */
export async function findGpgs(
  provider: GpgProvider,
  options: Pick<ProgramOptions, 'env' | 'signal'>,
): Promise<readonly GpgProgram[]> {
  const versions = new Map<string, Version | undefined>();
  const found: GpgProgram[] = [];
  for (const major of families[provider]) {
    for (const name of names[major]) {
      const version = versions.has(name) ? versions.get(name) : await versionOf(name, options);
      versions.set(name, version);
      if (version?.major !== major) continue;
      found.push({ name, major, hasLoopback: major === 2 && version.minor >= 1 });
      break;
    }
  }
  if (found.length > 0) return found;
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
