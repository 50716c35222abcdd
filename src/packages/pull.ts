import type { Query } from '../query/ast.ts';
import type { FollowOptions } from './dependencies.ts';
import type { ResolutionEvent } from './events.ts';
import { compareListed, isFor, type Member, SlotMap } from './member.ts';
import { PackageSet } from './package-set.ts';
import { resolve } from './resolve.ts';
import { selectByQuery } from './search.ts';

export type PullRequest = {
  readonly queries: readonly Query[];
  /** Those of the list that is pulled into; source packages are pulled only when `source` is among them. */
  readonly architectures: readonly string[];
  /** What to follow; undefined: dependencies are not pulled (`-no-deps`). */
  readonly follow?: FollowOptions | undefined;
  /** Every version that matches, not only the highest of each name and architecture. */
  readonly allMatches?: boolean;
  /** Keep the versions that the target has. */
  readonly noRemove?: boolean;
  readonly report?: (event: ResolutionEvent) => void;
};

export type PullResult = {
  readonly result: PackageSet;
  /**
   * In the order in which they happened: the `[-]` and `[+]` lines. One package can be in several: aptly tells an
   * unchanged package as removed and added. One that was skipped is in none, where aptly tells it as added.
   */
  readonly changes: readonly PullChange[];
};

export type PullChange = { readonly kind: 'added' | 'removed'; readonly member: Member };

/**
 * Brings what the queries select in `source`, and what that depends on, into `target`.
 *
 * A pulled package replaces all versions of its name and architecture. As in aptly the packages of architecture `all`
 * with its name go too, even one that this pull added before.
 */
export function pullInto(target: PackageSet, source: PackageSet, request: PullRequest): PullResult {
  const { allMatches = false, noRemove = false } = request;
  const draft = new Draft(target);
  const seen = new SlotMap<true>();
  for (const member of selectForPull(target, source, request).listed) {
    const first = seen.get(member) === undefined;
    seen.set(member, true);
    if (first && !noRemove) draft.evict(member);
    if (first || allMatches) draft.add(member);
  }
  return { result: draft.result(), changes: draft.changes };
}

function selectForPull(target: PackageSet, source: PackageSet, request: PullRequest): PackageSet {
  const { queries, architectures, follow, report } = request;
  const selected = PackageSet.of(
    selectByQuery(source, queries).members.filter((member) =>
      architectures.some((architecture) => isFor(member, architecture)),
    ),
  );
  if (follow === undefined) return selected;
  return resolve(source, selected, {
    architectures,
    follow,
    available: target,
    ...(report === undefined ? {} : { report }),
  });
}

/** The target while it is changed: only the names that are touched are copied, and stay in listing order. */
class Draft {
  readonly changes: PullChange[] = [];
  readonly #target: PackageSet;
  readonly #touched = new Map<string, readonly Member[]>();

  constructor(target: PackageSet) {
    this.#target = target;
  }

  /** Removes what a package replaces. */
  evict({ package: { name, architecture } }: Member): void {
    const kept: Member[] = [];
    for (const member of this.#named(name)) {
      if (isFor(member, architecture)) this.changes.push({ kind: 'removed', member });
      else kept.push(member);
    }
    this.#touched.set(name, kept);
  }

  /** Skips a package whose version is there with other content. */
  add(member: Member): void {
    const { name, version, architecture } = member.package;
    const present = this.#named(name);
    const same = present.find(
      ({ package: pkg }) => pkg.version === version && pkg.architecture === architecture,
    );
    if (same !== undefined && same.key !== member.key) return;
    this.changes.push({ kind: 'added', member });
    if (same === undefined) this.#touched.set(name, [...present, member].sort(compareListed));
  }

  result(): PackageSet {
    const untouched = this.#target.members.filter(({ package: { name } }) => !this.#touched.has(name));
    return PackageSet.of([...untouched, ...Array.from(this.#touched.values()).flat()]);
  }

  #named(name: string): readonly Member[] {
    return this.#touched.get(name) ?? this.#target.named(name);
  }
}
