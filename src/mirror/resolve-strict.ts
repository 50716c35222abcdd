import type { PlannedFile, SyncPlan } from './plan.ts';
import type { Resolver, WantedFile } from './resolver.ts';
import { fileId, filesOf } from './same-files.ts';
import type { Universe } from './universe.ts';

/** What a configured mirror takes of all its suites together. See {@link Resolver}. */
export class StrictResolver implements Resolver<PlannedFile> {
  readonly #universe: Universe;
  readonly #decide: () => SyncPlan;
  #plan: SyncPlan | undefined;
  #contested: ReadonlySet<string> = new Set();

  /** @param decide makes the plan of what the universe has now */
  constructor(universe: Universe, decide: () => SyncPlan) {
    this.#universe = universe;
    this.#decide = decide;
  }

  /** As it was decided last. */
  get plan(): SyncPlan {
    this.#plan ??= this.#decide();
    return this.#plan;
  }

  contested(): readonly WantedFile[] {
    return [...this.#universe.contested()].flatMap((one) =>
      filesOf(one).map((file) => ({ id: fileId(file), file, label: one.label, urls: () => [] })),
    );
  }

  isContested(id: string): boolean {
    return this.#contested.has(id);
  }

  prefer(isThere: (fileId: string) => boolean): void {
    this.#choose(isThere);
  }

  refuse(isUnfit: (fileId: string) => boolean): boolean {
    return this.#choose((id) => !isUnfit(id));
  }

  wanted(): readonly PlannedFile[] {
    this.#plan = this.#decide();
    const { files } = this.#plan;
    this.#contested = new Set(files.filter(({ isContested }) => isContested).map(({ id }) => id));
    return files;
  }

  #choose(fits: (fileId: string) => boolean): boolean {
    return this.#universe.choose((offers) =>
      offers.findIndex((one) => filesOf(one).every((file) => fits(fileId(file)))),
    );
  }
}
