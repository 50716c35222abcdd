import type { Uploaders, UploadersRule } from '../catalog/library.ts';
import { type GoJson, renderGoJson } from '../go/go-json.ts';
import type { CheckedSignature } from '../openpgp/contract.ts';
import { matchesFields } from '../query/matches-fields.ts';
import { parseQuery } from '../query/parse-query.ts';

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
