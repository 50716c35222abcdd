import { readFile } from 'node:fs/promises';
import type { Uploaders, UploadersRule } from '../catalog/objects.ts';
import type { Entry, Located } from '../config/document.ts';
import { readJson } from '../config/read-json.ts';
import { EspejoError, systemCode } from '../core/errors.ts';
import { type GoJson, renderGoJson } from '../go/go-json.ts';
import type { CheckedSignature } from '../openpgp/contract.ts';
import { matchesFields } from '../query/matches-fields.ts';
import { parseQuery } from '../query/parse-query.ts';

/**
 * Reads an uploaders.json (spec/semantics.md 8.4): comments and trailing commas are allowed, keys count in any case, unknown
 * ones are skipped, and conditions must be package queries.
 * @throws E_CONFIG_NOT_FOUND, E_CONFIG_SYNTAX, E_CONFIG_INVALID, E_IO; all begin with `error loading uploaders file`
 */
export async function readUploaders(path: string): Promise<Uploaders> {
  const reading = readJson(await textOf(path));
  if (reading.kind === 'fault') {
    const { line, column, reason } = reading.fault;
    throw failure('E_CONFIG_SYNTAX', `${path}:${line}:${column}: ${reason}`);
  }
  const groups = memberOf(reading.root, 'groups', path);
  const rules = memberOf(reading.root, 'rules', path);
  return {
    groups: groups === undefined ? null : groupsOf(groups, path),
    rules: rules === undefined ? null : itemsOf(rules, path).map((rule) => ruleOf(rule, path)),
  };
}

async function textOf(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const absent = systemCode(cause) === 'ENOENT';
    const reason = absent ? 'no such file or directory' : (systemCode(cause) ?? String(cause));
    throw failure(absent ? 'E_CONFIG_NOT_FOUND' : 'E_IO', `open ${path}: ${reason}`, cause);
  }
}

function groupsOf(groups: Located, path: string): NonNullable<Uploaders['groups']> {
  const entries = entriesOf(groups, path);
  return Object.fromEntries(
    entries.map(({ key, value }) => [key, isNull(value) ? null : textsOf(value, path)]),
  );
}

function ruleOf(rule: Located, path: string): UploadersRule {
  const allow = memberOf(rule, 'allow', path);
  const deny = memberOf(rule, 'deny', path);
  return {
    condition: conditionOf(memberOf(rule, 'condition', path) ?? rule, path),
    allow: allow === undefined ? null : textsOf(allow, path),
    deny: deny === undefined ? null : textsOf(deny, path),
  };
}

function conditionOf(value: Located, path: string): string {
  const condition = value.kind === 'map' ? '' : stringOf(value, path);
  try {
    parseQuery(condition);
    return condition;
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw failure('E_CONFIG_INVALID', `${path}:${value.line}: condition "${condition}": ${reason}`, cause);
  }
}

/** A member that is not null; upper and lower case are one and the last counts, as Go's decoder has it. */
function memberOf(value: Located, name: string, path: string): Located | undefined {
  const entry = entriesOf(value, path).findLast(({ key }) => key.toLowerCase() === name);
  return entry === undefined || isNull(entry.value) ? undefined : entry.value;
}

function entriesOf(value: Located, path: string): readonly Entry[] {
  if (value.kind === 'map') return value.entries;
  throw wrong(value, 'an object', path);
}

function itemsOf(value: Located, path: string): readonly Located[] {
  if (value.kind !== 'list') throw wrong(value, 'a list', path);
  return value.items;
}

function textsOf(value: Located, path: string): readonly string[] {
  return itemsOf(value, path).map((item) => stringOf(item, path));
}

function stringOf(value: Located, path: string): string {
  if (value.kind === 'scalar' && typeof value.value === 'string') return value.value;
  throw wrong(value, 'a string', path);
}

function isNull(value: Located): boolean {
  return value.kind === 'scalar' && value.value === null;
}

function wrong({ line }: Located, expected: string, path: string): EspejoError {
  return failure('E_CONFIG_INVALID', `${path}:${line}: expected ${expected}`);
}

function failure(
  code: 'E_CONFIG_NOT_FOUND' | 'E_CONFIG_SYNTAX' | 'E_CONFIG_INVALID' | 'E_IO',
  problem: string,
  cause?: unknown,
): EspejoError {
  return new EspejoError(code, `error loading uploaders file: ${problem}`, { cause, context: { problem } });
}

/** The key of a good signature. */
export type UploadKey = Pick<CheckedSignature, 'keyId' | 'fingerprint' | 'primaryFingerprint'>;

type Asked = {
  /** Of the .changes file, by canonical names. */
  readonly fields: ReadonlyMap<string, string>;
  /** Empty for uploads that are not signed or not verified: no rule lets them in. */
  readonly keys: readonly UploadKey[];
};

/**
 * Why an upload is refused, in aptly's words, or undefined when it is let in (spec/semantics.md 8.4): the first rule that
 * fits and names one of the keys decides, and a rule that denies a key is stronger than its own `allow`.
 * @throws E_QUERY_SYNTAX for a condition that is no query
 */
export function refusalOf({ groups, rules }: Uploaders, { fields, keys }: Asked): string | undefined {
  for (const rule of rules ?? []) {
    if (!matchesFields(parseQuery(rule.condition), (name) => fields.get(name) ?? '')) continue;
    const denied = expanded(rule.deny, groups);
    if (keys.some((key) => isDenied(key, denied))) {
      return `denied according to rule: ${renderGoJson(uploadersRuleJson(rule), 0)}`;
    }
    const allowed = expanded(rule.allow, groups);
    if (keys.some(({ keyId }) => isNamed(keyId, allowed))) return undefined;
  }
  return 'denied as no rule matches';
}

/** Keys and what groups among them hold; groups nest, and one that is being expanded is not expanded again. */
function expanded(items: readonly string[] | null, groups: Uploaders['groups']): ReadonlySet<string> {
  const known = new Map(Object.entries(groups ?? {}));
  const seen = new Set(items);
  const keys = new Set<string>();
  // A set goes on with what is added to it during the loop.
  for (const item of seen) {
    if (!known.has(item)) keys.add(item);
    for (const member of known.get(item) ?? []) seen.add(member);
  }
  return keys;
}

/** By its 16 digits or the last 8 of them, in upper case, as aptly compares. */
function isNamed(keyId: string, names: ReadonlySet<string>): boolean {
  return names.has('*') || names.has(keyId) || names.has(keyId.slice(-8));
}

/** A key is denied by whatever can be meant by its name: in lower case, as a fingerprint, by the primary key. */
function isDenied(
  { keyId, fingerprint, primaryFingerprint }: UploadKey,
  names: ReadonlySet<string>,
): boolean {
  const denied = new Set(Array.from(names, (name) => name.toUpperCase().replace(/^0X|\s/g, '')));
  return [keyId, fingerprint, primaryFingerprint].some(
    (name) => name !== undefined && (denied.has(name) || isNamed(name.slice(-16), denied)),
  );
}

/** One rule as `repo show` and refused uploads show it. */
export function uploadersRuleJson({ condition, allow, deny }: UploadersRule): GoJson {
  return { condition, allow, deny };
}
