import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EspejoError } from '../core/errors.ts';
import { fileError } from '../core/files.ts';
import { type ProgramEnd, runProgram } from '../core/run-program.ts';
import type { Signer } from './contract.ts';
import { findGpgs, type GpgProgram, type GpgProvider } from './find-gpg.ts';
import { type GpgSettings, signArguments } from './gpg-arguments.ts';
import { programWithKeys } from './gpg-keys.ts';

export type GpgOptions = Omit<GpgSettings, 'epoch'> & {
  readonly provider: GpgProvider;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Told what gpg says while it may ask at the terminal. */
  readonly say?: (text: string) => void;
};

/**
 * Makes a signer that runs the `gpg` program of the machine with the user's own keyrings, agent and smartcards, when
 * the program and the keys are there.
 * @throws E_TOOL_MISSING, E_KEY_NOT_FOUND in aptly's words; E_ABORTED
 */
export async function gpgSigner(options: GpgOptions): Promise<Signer> {
  const { env, signal } = options;
  const programs = await findGpgs(options.provider, { env, signal });
  const settings: GpgSettings = { ...options, epoch: epochOf(env) };
  const { program, keys } = await programWithKeys(programs, settings, { env, signal });
  // One after the other: two programs cannot ask at one terminal.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn = (form: Form, content: Buffer): Promise<Buffer> => {
    const turn = last.then(() => sign(program, settings, options, { form, content }));
    last = turn.catch(() => undefined);
    return turn;
  };
  return Object.freeze({
    ...keys,
    clearsign: (content: Buffer) => inTurn('clearsigned', content),
    detachSign: (content: Buffer) => inTurn('detached', content),
  });
}

type Form = 'detached' | 'clearsigned';

const names: Readonly<Record<Form, string>> = { detached: 'Release.gpg', clearsigned: 'InRelease' };

/** The time of signatures that are to be reproducible; gpg takes seconds. */
function epochOf(env: GpgOptions['env']): string | undefined {
  const epoch = env['SOURCE_DATE_EPOCH'] ?? '';
  return /^[0-9]{1,12}$/.test(epoch) ? epoch : undefined;
}

/** Signs in a directory that nobody else can look into. */
async function sign(
  program: GpgProgram,
  settings: GpgSettings,
  { env, signal, batch, say }: GpgOptions,
  { form, content }: { readonly form: Form; readonly content: Buffer },
): Promise<Buffer> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-sign-')).catch((cause: unknown) => {
    throw fileError(cause, `cannot make a directory in ${tmpdir()}`);
  });
  try {
    const [source, target] = [join(directory, 'Release'), join(directory, names[form])];
    await writeFile(source, content, { mode: 0o600 });
    const end = await runProgram(program.name, signArguments(program, settings, { source, target, form }), {
      env,
      signal,
      ...(batch ? {} : { input: 'terminal' as const }),
      ...(settings.passphrase === '' ? {} : { secret: Buffer.from(`${settings.passphrase}\n`) }),
      ...(batch || say === undefined ? {} : { onComplaint: say }),
    });
    if (end.status !== 0) throw signingError(program, end);
    return await readFile(target);
  } catch (cause) {
    throw fileError(cause, `cannot sign in ${directory}`);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** The last thing that gpg says is why it failed. */
function signingError({ name }: GpgProgram, { status, complaint }: ProgramEnd): EspejoError {
  const lines = complaint
    .split('\n')
    .map((line) => line.replace(/^gpg: /, '').trim())
    .filter((line) => line !== '' && !/^(?:using |WARNING: |keyring |checking )/.test(line));
  const reason = lines.at(-1) ?? `exit status ${status ?? 'unknown'}`;
  return new EspejoError('E_KEY_INVALID', `${name} cannot sign: ${reason}`, {
    context: { program: name, status },
    hint: 'a locked key needs -passphrase-file, or a terminal where gpg can ask for its passphrase',
  });
}
