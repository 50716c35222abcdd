import { type AptProblem, aptRelations } from './apt-syntax.ts';
import type { Stanza } from './control.ts';
import { isArchitecture, isPackageName } from './index-fields.ts';
import { isVersion } from './version.ts';

/**
 * What dpkg refuses in the control file of a .deb. apt may read more, so mirrors publish more; but a package that dpkg does
 * not unpack is of no use in a repository. The rules are those of dpkg's `parse.c` and `fields.c`;
 * test/compat/dpkg-syntax.test.ts holds them against the real dpkg.
 */

/**
 * The first thing that dpkg would refuse in a control paragraph; undefined when it unpacks the package.
 * @throws E_CONTROL_SYNTAX for a malformed or repeated field
 */
export function dpkgProblem(stanza: Stanza): AptProblem | undefined {
  const fields = stanza
    .readFields('utf8')
    .map(({ name, value }) => ({ name, value, key: name.toLowerCase() }));
  for (const { name, value, key } of fields) {
    const found = fieldProblem(key, value);
    if (found !== undefined) return { field: name, ...found };
  }
  const textOf = (wanted: string): string =>
    fields.find(({ key }) => key === wanted)?.value.toLowerCase() ?? '';
  return textOf('multi-arch') === 'same' && textOf('architecture') === 'all'
    ? { field: 'Multi-Arch', column: 1, problem: 'a package of architecture all cannot be "same"' }
    : undefined;
}

/** Column and problem, see {@link AptProblem}. */
type Found = Omit<AptProblem, 'field'>;

function fieldProblem(key: string, value: string): Found | undefined {
  if (key.length < 2) return { column: 1, problem: 'the name of the field is too short' };
  if (/\n[ \t\r]*(?=\n|$)/.test(value)) return { column: 1, problem: 'it has an empty line' };
  if (value.trim() === '') return undefined;
  if (relationFields.has(key)) return relationProblem(value.trim(), withoutAlternatives.has(key));
  if (notInPackages.has(key)) return { column: 1, problem: 'it is for the status file of dpkg alone' };
  if (key === 'version' && !isStrictVersion(value)) return { column: 1, problem: 'it is not a version' };
  const words = choices[key];
  if (words === undefined || words.includes(value.toLowerCase())) return undefined;
  return { column: 1, problem: `it must be one of ${words.join(', ')}` };
}

const relationFields: ReadonlySet<string> = new Set(Array.from(aptRelations, (name) => name.toLowerCase()));
const withoutAlternatives: ReadonlySet<string> = new Set(['provides', 'conflicts', 'breaks', 'replaces']);
const notInPackages: ReadonlySet<string> = new Set([
  'status',
  'config-version',
  'triggers-pending',
  'triggers-awaited',
]);
const choices: Readonly<Record<string, readonly string[]>> = {
  essential: ['yes', 'no'],
  protected: ['yes', 'no'],
  'multi-arch': ['no', 'same', 'foreign', 'allowed'],
};

/** `f_dependency`. */
function relationProblem(text: string, noAlternatives: boolean): Found | undefined {
  const scan = new RelationScan(text);
  for (;;) {
    const problem = scan.relation();
    if (problem !== undefined || scan.atEnd()) return problem;
    if (scan.next() === '|' && noAlternatives)
      return scan.found('alternatives are not allowed in this field');
    scan.step();
  }
}

class RelationScan {
  #at = 0;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  next(): string {
    return this.#text[this.#at] ?? '';
  }

  /** Goes over one character and the blanks behind it. */
  step(): void {
    this.#at += 1;
    this.#take(/[ \t-\r]*/y);
  }

  /** Reads one relation up to the comma or bar behind it, or the end. */
  relation(): Found | undefined {
    const start = this.#at;
    const name = this.#take(/[^ \t-\r:(,|]*/y);
    if (!isPackageName(name)) {
      this.#at = start;
      return this.found(name === '' ? 'a package name is missing' : `"${name}" is not a package name`);
    }
    const problem = this.#architecture() ?? this.#version();
    if (problem !== undefined || this.atEnd() || /[,|]/.test(this.next())) return problem;
    return this.found(`"${this.next()}" is not expected here`);
  }

  found(problem: string): Found {
    return { column: this.#at + 1, problem };
  }

  #architecture(): Found | undefined {
    if (this.next() !== ':') return undefined;
    this.#at += 1;
    const name = this.#take(/[^ \t-\r(,|]*/y);
    if (!isArchitecture(name.toLowerCase())) return this.found(`"${name}" is not an architecture`);
    return undefined;
  }

  #version(): Found | undefined {
    this.#take(/[ \t-\r]*/y);
    if (this.next() !== '(') return undefined;
    this.#at += 1;
    this.#take(/[ \t-\r]*(?:<<|<=|<|>>|>=|>|=)?[ \t-\r]*/y);
    const start = this.#at;
    const version = this.#take(/[^ \t-\r()]*/y);
    if (!isStrictVersion(version)) {
      this.#at = start;
      return this.found(version === '' ? 'the version is missing' : `"${version}" is not a version`);
    }
    this.#take(/[ \t-\r]*/y);
    if (this.next() !== ')') return this.found('the version is not closed');
    this.step();
    return undefined;
  }

  #take(pattern: RegExp): string {
    pattern.lastIndex = this.#at;
    const [taken = ''] = pattern.exec(this.#text) ?? [];
    this.#at += taken.length;
    return taken;
  }
}

/** As dpkg reads versions of packages: what comes behind the epoch begins with a digit. */
function isStrictVersion(text: string): boolean {
  return isVersion(text) && /^[0-9]/.test(text.slice(text.indexOf(':') + 1));
}
