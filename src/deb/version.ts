import { EspejoError } from '../core/errors.ts';

export type VersionOperator = '<<' | '<=' | '=' | '>=' | '>>';

/**
 * Orders two versions as dpkg does (Debian policy 5.6.12): epoch up to the first colon, revision after the last
 * hyphen, digit runs of any length. Total over all strings: what is no version is ordered by the same rules.
 * aptly 1.6.3 splits at the first hyphen instead; where the two differ, apt and dpkg decide what gets installed.
 * @returns -1, 0 or 1
 */
export function compareVersions(a: string, b: string): number {
  if (a === b) return 0;
  const epochA = a.indexOf(':');
  const epochB = b.indexOf(':');
  const byEpoch = compareRuns(a, 0, Math.max(epochA, 0), b, 0, Math.max(epochB, 0));
  if (byEpoch !== 0) return byEpoch;
  const hyphenA = revisionHyphen(a, epochA + 1);
  const hyphenB = revisionHyphen(b, epochB + 1);
  return (
    compareRuns(a, epochA + 1, hyphenA, b, epochB + 1, hyphenB) ||
    compareRuns(a, hyphenA + 1, a.length, b, hyphenB + 1, b.length)
  );
}

/** Whether `version operator bound` holds in dpkg's order. */
export function satisfiesVersion(version: string, operator: VersionOperator, bound: string): boolean {
  const order = compareVersions(version, bound);
  switch (operator) {
    case '<<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '=':
      return order === 0;
    case '>=':
      return order >= 0;
    case '>>':
      return order > 0;
  }
}

/**
 * Refuses what dpkg refuses as a version: empty parts, an epoch that is no number of 31 bits, other characters than
 * letters, digits and `.+-:~`. That the upstream version begins with a digit is a "should" only.
 * @param what names the version in the error
 * @throws E_VERSION_SYNTAX
 */
export function assertVersion(text: string, what: string): void {
  const problem = versionProblem(text);
  if (problem === undefined) return;
  throw new EspejoError('E_VERSION_SYNTAX', `${what}: "${text}" is not a version: ${problem}`, {
    context: { what, version: text },
  });
}

/** Whether dpkg takes it for a version, see {@link assertVersion}. */
export function isVersion(text: string): boolean {
  return versionProblem(text) === undefined;
}

const maxEpoch = 2 ** 31 - 1;

function versionProblem(text: string): string | undefined {
  const colon = text.indexOf(':');
  if (colon >= 0 && !isEpoch(text.slice(0, colon))) return 'the epoch is not a number';
  const hyphen = revisionHyphen(text, colon + 1);
  if (hyphen === colon + 1) return 'it is empty';
  if (hyphen === text.length - 1) return 'the revision is empty';
  for (let at = colon + 1; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (!isDigit(code) && !isLetter(code) && !isPunctuation(code)) return 'it has a forbidden character';
    if (code === colonCode && at > hyphen) return 'the revision has a colon';
  }
  return undefined;
}

function isEpoch(text: string): boolean {
  if (text === '') return false;
  for (let at = 0; at < text.length; at += 1) if (!isDigit(text.charCodeAt(at))) return false;
  return Number(text) <= maxEpoch;
}

/** Where the hyphen before the revision is, or the end of the text. */
function revisionHyphen(text: string, from: number): number {
  const hyphen = text.lastIndexOf('-');
  return hyphen < from ? text.length : hyphen;
}

/** dpkg's `verrevcmp` over two slices; a slice that begins past its end is empty. */
function compareRuns(a: string, fromA: number, endA: number, b: string, fromB: number, endB: number): number {
  let atA = fromA;
  let atB = fromB;
  while (atA < endA || atB < endB) {
    while (!isDigitAt(a, atA, endA) || !isDigitAt(b, atB, endB)) {
      const difference = weightAt(a, atA, endA) - weightAt(b, atB, endB);
      if (difference !== 0) return Math.sign(difference);
      if (atA >= endA || isDigit(a.charCodeAt(atA))) break;
      atA += 1;
      atB += 1;
    }
    while (atA < endA && a.charCodeAt(atA) === zeroCode) atA += 1;
    while (atB < endB && b.charCodeAt(atB) === zeroCode) atB += 1;
    let firstDifference = 0;
    while (isDigitAt(a, atA, endA) && isDigitAt(b, atB, endB)) {
      if (firstDifference === 0) firstDifference = a.charCodeAt(atA) - b.charCodeAt(atB);
      atA += 1;
      atB += 1;
    }
    if (isDigitAt(a, atA, endA)) return 1;
    if (isDigitAt(b, atB, endB)) return -1;
    if (firstDifference !== 0) return Math.sign(firstDifference);
  }
  return 0;
}

/** `~` before the end (or a digit), that before letters, those before everything else. */
function weightAt(text: string, at: number, end: number): number {
  if (at >= end) return 0;
  const code = text.charCodeAt(at);
  if (isDigit(code)) return 0;
  if (isLetter(code)) return code;
  return code === tildeCode ? -1 : code + 256;
}

const zeroCode = 0x30;
const colonCode = 0x3a;
const tildeCode = 0x7e;

function isDigitAt(text: string, at: number, end: number): boolean {
  return at < end && isDigit(text.charCodeAt(at));
}

function isDigit(code: number): boolean {
  return code >= 0x30 && code <= 0x39;
}

function isLetter(code: number): boolean {
  const lower = code | 0x20;
  return lower >= 0x61 && lower <= 0x7a && code < 0x80;
}

/** `+` `-` `.` `:` `~` */
function isPunctuation(code: number): boolean {
  return code === 0x2b || code === 0x2d || code === 0x2e || code === colonCode || code === tildeCode;
}
