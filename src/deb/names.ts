import { EspejoError } from '../core/errors.ts';
import { pathProblem } from './paths.ts';

/**
 * The names that become parts of paths, one rule for each kind. What enters through a flag, the configuration or a
 * request is asserted here; what is written is asserted again where it is written.
 */

/** Why a text cannot be an architecture: `amd64`, `source`; also names that dpkg does not know, as `x86_64`. */
export function architectureProblem(text: string): string | undefined {
  if (text.length <= 64 && /^[A-Za-z0-9][A-Za-z0-9+.~_-]*$/.test(text)) return undefined;
  return 'it must be letters, digits and + . ~ _ - and begin with a letter or digit';
}

/** Why a text cannot be a component; one may have slashes within: `updates/main`. */
export function componentProblem(text: string): string | undefined {
  const problem = elementsProblem(text);
  if (problem !== undefined) return problem;
  const [first = ''] = text.split('/', 1);
  return suiteFiles.has(first) ? `"${first}" is a file of each suite` : undefined;
}

/** Why a text cannot be a distribution, the directory below `dists`; it may have slashes within: `stable/updates`. */
export function distributionProblem(text: string): string | undefined {
  return elementsProblem(text);
}

/** Why a text cannot be the prefix of a publication; `.` is the root (aptly's rules, and nothing hidden). */
export function prefixProblem(text: string): string | undefined {
  if (text === '.') return undefined;
  const reserved = text.split('/').find((part) => part === 'dists' || part === 'pool');
  return reserved === undefined ? elementsProblem(text) : `it has the reserved part "${reserved}"`;
}

/** Why a text cannot be the value of one field of a Release file. */
export function fieldTextProblem(text: string): string | undefined {
  return /[\u0000-\u001f\u007f]/.test(text) ? 'it must be one line without control characters' : undefined;
}

/** @throws E_UNSAFE_PATH */
export function assertArchitecture(text: string): void {
  assertName(text, 'architecture', architectureProblem(text));
}

/** @throws E_UNSAFE_PATH */
export function assertComponent(text: string): void {
  assertName(text, 'component', componentProblem(text));
}

/** @throws E_UNSAFE_PATH */
export function assertDistribution(text: string): void {
  assertName(text, 'distribution', distributionProblem(text));
}

/** A prefix without what does not count: slashes at its ends, empty parts and `.`; the root is `.`. */
export function normalPrefix(text: string): string {
  const parts = text.split('/').filter((part) => part !== '' && part !== '.');
  return parts.join('/') || '.';
}

/** How two distributions of one prefix are in each other's way: each is switched as a whole. */
export function overlapOf(one: string, other: string): 'same' | 'inside' | 'around' | undefined {
  if (one === other) return 'same';
  if (one.startsWith(`${other}/`)) return 'inside';
  return other.startsWith(`${one}/`) ? 'around' : undefined;
}

/** @throws E_UNSAFE_PATH, for what aptly refuses too in its words */
export function assertPrefix(text: string): void {
  const problem = prefixProblem(text);
  const isOfAptly = text.split('/').some((part) => part === '..' || part === 'dists' || part === 'pool');
  assertName(text, 'prefix', isOfAptly ? '' : problem);
}

/** @param field named by the error @throws E_BAD_VALUE */
export function assertFieldText(text: string, field: string): void {
  const problem = fieldTextProblem(text);
  if (problem !== undefined)
    throw new EspejoError('E_BAD_VALUE', `invalid ${field} "${text}": ${problem}`, {
      context: { field },
      hint: 'write it as one line',
    });
}

const suiteFiles: ReadonlySet<string> = new Set(['Release', 'Release.gpg', 'InRelease']);

/** Parts between slashes, none of them hidden: the directories that espejo and others keep beside are. */
function elementsProblem(text: string): string | undefined {
  const problem = pathProblem(text);
  if (problem !== undefined) return problem;
  if (text.split('/').some((part) => part.startsWith('.'))) return 'a part of it begins with a dot';
  return /[?#%]/.test(text) ? 'it has one of ? # %, which mean something else in URLs' : undefined;
}

function assertName(text: string, kind: string, problem: string | undefined): void {
  if (problem === undefined) return;
  throw new EspejoError('E_UNSAFE_PATH', `invalid ${kind} ${text}${problem === '' ? '' : `: ${problem}`}`, {
    context: { kind, name: text },
    hint: `choose another ${kind}`,
  });
}
