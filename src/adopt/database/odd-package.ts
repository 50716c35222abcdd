import { isPlainForApt } from '../../deb/apt-plainness.ts';
import { aptProblem, aptProblemText } from '../../deb/apt-syntax.ts';
import { Stanza } from '../../deb/control.ts';
import { isFieldName } from '../../deb/field-cursor.ts';
import { isArchitecture, isPackageName } from '../../deb/index-fields.ts';
import { isVersion } from '../../deb/version.ts';
import type { AptlyPackage } from './aptly-package.ts';

/**
 * What is odd in a package of aptly's, as clauses without a period; empty for nearly all. aptly takes any text for a name,
 * a version, an architecture or a field, and so do we when we take over its database.
 */
export function odditiesOf(pkg: Omit<AptlyPackage, 'oddities'>): readonly string[] {
  if (pkg.kind === 'installer') return [];
  const oddities = namesOf(pkg);
  if (pkg.files.length === 0) oddities.push('it has no file');
  for (const { name, facts } of pkg.files) {
    if (facts.size === 0) oddities.push(`no size is known of ${quoted(name)}`);
    if (Object.keys(facts.digests).length === 0) oddities.push(`no digest is known of ${quoted(name)}`);
  }
  if (!isPlainForApt(pkg.stanza)) oddities.push(...fieldsOf(pkg));
  return oddities;
}

function namesOf({ kind, name, version, architecture }: Omit<AptlyPackage, 'oddities'>): string[] {
  const oddities: string[] = [];
  if (!isPackageName(name)) oddities.push(`${quoted(name)} is not a package name`);
  if (!isVersion(version)) oddities.push(`${quoted(version)} is not a version`);
  if (kind !== 'source' && !isArchitecture(architecture))
    oddities.push(`${quoted(architecture)} is not an architecture`);
  return oddities;
}

function fieldsOf({ kind, stanza: raw, key }: Omit<AptlyPackage, 'oddities'>): readonly string[] {
  const stanza = Stanza.kept(raw.subarray(0, -1), key);
  const oddities = stanza
    .readFields('latin1')
    .filter(({ name }) => !isFieldName(name))
    .map(({ name }) => `${quoted(name)} is not the name of a field`);
  if (raw.includes(0)) oddities.push('it has a NUL byte');
  const problem = kind === 'source' ? undefined : aptProblem(stanza);
  return problem === undefined ? oddities : [...oddities, aptProblemText(problem)];
}

/** Text of an archive on one line. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}...` : text);
}
