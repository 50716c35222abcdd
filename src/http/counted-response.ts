import { type IncomingMessage, ServerResponse } from 'node:http';

type Done = (error?: Error | null) => void;

/** A response that knows how many bytes of its body the system took: what a client that went away left is not counted. */
export class CountedResponse<
  Request extends IncomingMessage = IncomingMessage,
> extends ServerResponse<Request> {
  /** Without headers and framing. */
  sentBytes = 0;

  override write(chunk: unknown, ...rest: readonly unknown[]): boolean {
    const done = rest.find((one): one is Done => typeof one === 'function');
    const encoding = encodingOf(rest);
    const counted: Done = (error) => {
      if (error === null || error === undefined) this.#count(chunk, encoding);
      done?.(error);
    };
    return super.write(chunk, encoding ?? 'utf8', counted);
  }

  override end(...args: readonly unknown[]): this {
    const [chunk] = args;
    const last = typeof chunk === 'string' || chunk instanceof Uint8Array ? chunk : undefined;
    if (last !== undefined) this.once('finish', () => this.#count(last, encodingOf(args.slice(1))));
    return Reflect.apply(super.end, this, args);
  }

  #count(chunk: unknown, encoding: BufferEncoding | undefined): void {
    if (this.req.method === 'HEAD' || this.statusCode === 204 || this.statusCode === 304) return;
    if (typeof chunk === 'string') this.sentBytes += Buffer.byteLength(chunk, encoding);
    else if (chunk instanceof Uint8Array) this.sentBytes += chunk.byteLength;
  }
}

function encodingOf(args: readonly unknown[]): BufferEncoding | undefined {
  return args.find((one): one is BufferEncoding => typeof one === 'string');
}
