/**
 * A body for a consumer: leaving its loop early does not end it, so that the rest can still be read and the whole
 * verified. Remembers an error of the body itself, to tell it from one of the consumer.
 */
export class UnbreakableBody implements AsyncIterable<Uint8Array> {
  readonly #source: AsyncGenerator<Uint8Array, void>;
  readonly #release: () => void;
  #broken: { readonly error: unknown } | undefined;

  /** @param release ends the connection, also of a source that was never read */
  constructor(source: AsyncGenerator<Uint8Array, void>, release: () => void) {
    this.#source = source;
    this.#release = release;
  }

  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, void> {
    return { next: () => this.#next() };
  }

  /** Reads what is left; throws the error of the body. */
  async drain(): Promise<void> {
    while ((await this.#next()).done !== true);
  }

  throwIfBroken(): void {
    if (this.#broken !== undefined) throw this.#broken.error;
  }

  async close(): Promise<void> {
    await this.#source.return();
    this.#release();
  }

  async #next(): Promise<IteratorResult<Uint8Array, void>> {
    this.throwIfBroken();
    try {
      return await this.#source.next();
    } catch (error) {
      this.#broken = { error };
      throw error;
    }
  }
}
