/** An object as a store keeps it: whole, with what was said of it when it was put. */
export type StoredObject = {
  readonly bytes: Buffer;
  readonly sha256: string;
  /** The generation that it was put for; undefined for what espejo has not put. */
  readonly generation: string | undefined;
  /** Another one for each time that something was put. */
  readonly version: number;
};

/** What object stores have in common: whole objects by name, no links, no renames. */
export class ObjectStore {
  readonly #objects = new Map<string, StoredObject>();
  readonly #beforeChange: (name: string) => void;
  #version = 0;

  /** @param beforeChange called before each change; where it throws, nothing is changed */
  constructor(beforeChange: (name: string) => void = () => undefined) {
    this.#beforeChange = beforeChange;
  }

  get(name: string): StoredObject | undefined {
    return this.#objects.get(name);
  }

  put(name: string, object: Omit<StoredObject, 'version'>): void {
    this.#beforeChange(name);
    this.#version += 1;
    this.#objects.set(name, { ...object, version: this.#version });
  }

  delete(name: string): void {
    if (!this.#objects.has(name)) return;
    this.#beforeChange(name);
    this.#objects.delete(name);
  }

  /** The names that begin so, sorted. */
  names(beginning: string): readonly string[] {
    return [...this.#objects.keys()].filter((name) => name.startsWith(beginning)).sort();
  }
}
