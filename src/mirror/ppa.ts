import { EspejoError, isEspejoError } from '../core/errors.ts';
import { printable } from '../core/redact.ts';
import { runProgram } from '../core/run-program.ts';
import type { MirrorPorts } from './ports.ts';

/** Where the archive of a Launchpad PPA is. */
export type PpaPlace = {
  readonly archiveRoot: string;
  readonly distribution: string;
  readonly components: readonly string[];
};

/**
 * Expands `ppa:<user>/<project>` with the configured base, distributor and codename; what is configured empty is asked of
 * `lsb_release`, as aptly does.
 * @throws E_BAD_VALUE for another form; E_TOOL_MISSING, E_IO when `lsb_release` is needed and does not answer
 */
export async function expandPpa(
  text: string,
  { config, env }: Pick<MirrorPorts, 'config' | 'env'>,
  signal: AbortSignal,
): Promise<PpaPlace> {
  const [, user, project] = /^ppa:([^/]+)\/(.+)$/.exec(text) ?? [];
  if (user === undefined || project === undefined)
    throw new EspejoError('E_BAD_VALUE', `unable to parse ppa URL: ${text}`);
  const { ppaBaseURL, ppaCodename, ppaDistributorID } = config.aptly;
  const system = { env, signal };
  const distributor =
    ppaDistributorID === ''
      ? (await lsbRelease('-si', 'ppaDistributorID', system)).toLowerCase()
      : ppaDistributorID;
  const codename = ppaCodename === '' ? await lsbRelease('-sc', 'ppaCodename', system) : ppaCodename;
  return {
    archiveRoot: `${ppaBaseURL.replace(/\/+$/, '')}/${user}/${project}/${distributor}`,
    distribution: codename,
    components: ['main'],
  };
}

const program = 'lsb_release';

/** @param key that spares the question, for errors */
async function lsbRelease(
  option: '-si' | '-sc',
  key: string,
  { env, signal }: { readonly env: MirrorPorts['env']; readonly signal: AbortSignal },
): Promise<string> {
  const { status, output } = await runProgram(program, [option], { env, signal }).catch((cause: unknown) => {
    if (!isEspejoError(cause, 'E_TOOL_MISSING', 'E_PERMISSION', 'E_IO')) throw cause;
    const isMissing = cause.code === 'E_TOOL_MISSING';
    throw unanswered(key, isMissing ? 'is not on this machine' : 'failed', cause);
  });
  if (status !== 0) throw unanswered(key, 'failed');
  const word = output.toString('utf8').trim();
  if (/^[A-Za-z0-9][A-Za-z0-9.+_-]*$/.test(word)) return word;
  throw new EspejoError(
    'E_IO',
    `${program} ${option} answers "${printable(word)}"; set ${key} in the configuration`,
  );
}

function unanswered(key: string, what: string, cause?: EspejoError): EspejoError {
  return new EspejoError(
    cause?.code === 'E_TOOL_MISSING' ? 'E_TOOL_MISSING' : 'E_IO',
    `${program} ${what}; set ${key} in the configuration`,
    cause === undefined ? {} : { cause },
  );
}
