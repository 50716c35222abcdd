import type { PackageRequest } from '../config/config.ts';
import { closest } from '../core/closest.ts';
import { EspejoError } from '../core/errors.ts';
import { printRelation, type Relation } from '../deb/relations.ts';
import { satisfiesVersion } from '../deb/version.ts';
import { matches } from '../query/matches.ts';
import { subjectOf } from '../query/subject.ts';
import { byNameNewestFirst, type Candidate, type Universe } from './universe.ts';

export type Selected = { readonly candidate: Candidate; readonly request: PackageRequest };

type SelectionOptions = {
  readonly architectures: readonly string[];
  readonly versions: 'latest' | 'all';
  /** Whether a query may match nothing; a name must exist all the same. Where there are no packages at all, it may. */
  readonly allowEmpty: boolean;
};

const maxNamedProblems = 5;

/**
 * The packages that a configured array asks for by itself, in the order of the array. By default the version of each
 * name that is newest on each architecture over all suites; with `versions: all` every version that fits.
 * @throws E_PACKAGE_UNKNOWN names every request that nothing fits, with what is close
 */
export function selectRequested(
  universe: Universe,
  requests: readonly PackageRequest[],
  options: SelectionOptions,
): readonly Selected[] {
  const problems: string[] = [];
  const selected = requests.flatMap((request) => {
    const found = fitting(universe, request, options.architectures);
    const mayBeNone = request.kind === 'query' && (options.allowEmpty || universe.size === 0);
    if (found.length === 0 && !mayBeNone) problems.push(explainMissing(universe, request));
    const kept = options.versions === 'all' ? found : newestOfEach(found, options.architectures);
    return kept.map((candidate) => ({ candidate, request }));
  });
  if (problems.length > 0) throw unknownPackages(problems);
  return selected;
}

function fitting(
  universe: Universe,
  request: PackageRequest,
  architectures: readonly string[],
): readonly Candidate[] {
  if (request.kind === 'query') {
    const found: Candidate[] = [];
    for (const candidate of universe.candidates()) {
      if (matches(request.query, subjectOf(candidate.package))) found.push(candidate);
    }
    return found.sort(byNameNewestFirst);
  }
  const named = fittingRelation(universe.named(request.relation.name), request.relation, architectures);
  if (named.length > 0 || request.relation.constraint !== undefined) return named;
  const providers = fittingRelation(
    universe.providersOf(request.relation.name),
    request.relation,
    architectures,
  );
  const names = new Set(providers.map((one) => one.package.name));
  return names.size === 1 ? providers.toSorted(byNameNewestFirst) : [];
}

function fittingRelation(
  named: readonly Candidate[],
  { qualifier, constraint }: Relation,
  architectures: readonly string[],
): readonly Candidate[] {
  const wanted =
    qualifier === undefined || qualifier === 'any' || qualifier === 'native' ? architectures : [qualifier];
  return named.filter(
    ({ package: { architecture, version } }) =>
      (architecture === 'all' || wanted.includes(architecture)) &&
      (constraint === undefined || satisfiesVersion(version, constraint.operator, constraint.version)),
  );
}

/** Of each name what apt would take on one of the architectures; an `all` package counts on every one of them. */
function newestOfEach(
  candidates: readonly Candidate[],
  architectures: readonly string[],
): readonly Candidate[] {
  const newest = new Map<string, Candidate>();
  for (const candidate of candidates) {
    const { name, architecture } = candidate.package;
    for (const target of architecture === 'all' ? architectures : [architecture]) {
      const key = `${name} ${target}`;
      const known = newest.get(key);
      if (known === undefined || isNewer(candidate, known)) newest.set(key, candidate);
    }
  }
  return [...new Set(newest.values())];
}

function isNewer(a: Candidate, b: Candidate): boolean {
  return satisfiesVersion(a.package.version, '>>', b.package.version);
}

function explainMissing(universe: Universe, request: PackageRequest): string {
  if (request.kind === 'query') return `the query "${request.text}" matches no package`;
  const { name } = request.relation;
  const versions = universe.named(name);
  const newest = versions[0];
  if (newest !== undefined) {
    const found = [...new Set(versions.map((one) => `${one.package.version} [${one.package.architecture}]`))];
    return `${printRelation(request.relation)} does not exist, there is ${found.slice(0, 3).join(', ')}`;
  }
  const providers = [...new Set(universe.providersOf(name).map((one) => one.package.name))].sort();
  if (providers.length > 0)
    return `${name} is virtual: name one of its providers ${providers.slice(0, 6).join(', ')}`;
  const close = closest(name, universe.names(), 3);
  return close.length === 0
    ? `${name} exists nowhere`
    : `${name} exists nowhere, close is ${close.join(', ')}`;
}

function unknownPackages(problems: readonly string[]): EspejoError {
  const more = problems.length - maxNamedProblems;
  const shown = problems.slice(0, maxNamedProblems).join('; ') + (more > 0 ? `; and ${more} more` : '');
  return new EspejoError('E_PACKAGE_UNKNOWN', shown, {
    context: { problems },
    ...(more > 0 ? { details: problems } : {}),
    hint: 'correct "packages" of the mirror, or add the suite or component that has it; allow_empty: true is for queries that may match nothing',
  });
}
