import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { throwIfAborted } from '../../src/core/abort.ts';
import { digestsOf, type FileFacts } from '../../src/core/digest.ts';
import { EspejoError } from '../../src/core/errors.ts';
import { isProgress, type Job, type ProgressEvent } from '../../src/core/progress.ts';
import { createFetcher, type FetcherOptions } from '../../src/fetch/create-fetcher.ts';
import type { Fetcher } from '../../src/fetch/fetcher.ts';
import type { Job as UseCaseJob } from '../../src/packages/events.ts';
import { type Fault, startUpstream, type Upstream, type UpstreamOptions } from './upstream.ts';

/** A fetcher that waits for nothing; `waits` collects the milliseconds it would have slept. */
export function testFetcher(
  context: TestContext,
  options: Partial<FetcherOptions> = {},
): Fetcher & { readonly waits: readonly number[] } {
  const waits: number[] = [];
  const fetcher = createFetcher({
    retries: 3,
    timeoutSeconds: 5,
    minimumBytesPerSecond: 1024,
    fileTimeoutSeconds: 0,
    connections: 4,
    userAgent: 'espejo-test/1',
    env: {},
    random: () => 1,
    sleep: async (milliseconds, signal) => {
      throwIfAborted(signal);
      waits.push(milliseconds);
    },
    ...options,
  });
  context.after(() => fetcher.close());
  return Object.assign(fetcher, { waits });
}

/** An upstream that ends with the test. */
export async function testUpstream(context: TestContext, options: UpstreamOptions = {}): Promise<Upstream> {
  const upstream = await startUpstream(options);
  context.after(() => upstream.close());
  return upstream;
}

/** An upstream with one file, `/file`, and what is known of it. */
export async function upstreamWithFile(
  context: TestContext,
  bytes: Buffer = sampleBytes(),
): Promise<{
  readonly upstream: Upstream;
  readonly url: string;
  readonly bytes: Buffer;
  readonly facts: FileFacts;
}> {
  const upstream = await testUpstream(context, { files: new Map([['/file', bytes]]) });
  return { upstream, url: `${upstream.url}file`, bytes, facts: digestsOf(bytes, ['sha256', 'md5']) };
}

/** Bytes that differ from place to place. */
export function sampleBytes(length = 200_000): Buffer {
  const bytes = Buffer.alloc(length);
  let state = 12_345;
  for (let at = 0; at < length; at += 1) {
    state = (state * 1_103_515_245 + 12_345) & 0x7fffffff;
    bytes[at] = state >> 16;
  }
  return bytes;
}

export function testJob(
  signal: AbortSignal = new AbortController().signal,
): UseCaseJob & { readonly events: readonly ProgressEvent[] } {
  const events: ProgressEvent[] = [];
  return { signal, events, report: (event) => isProgress(event) && events.push(event) };
}

/** A directory that goes with the test. */
export async function testDirectory(context: TestContext): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'espejo-'));
  context.after(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

/** The EspejoError with which a promise rejects. */
export async function failureOf(promise: Promise<unknown>): Promise<EspejoError> {
  const outcome = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (outcome instanceof EspejoError) return outcome;
  throw new Error('it did not fail with an EspejoError', { cause: outcome });
}

/** A cut of the connection that waits until the client has seen the bytes; pass `report` to the job. */
export function cutAfter(bytes: number): {
  readonly fault: Fault;
  readonly job: Job;
  readonly clock: () => number;
} {
  const seen = Promise.withResolvers<void>();
  let now = 0;
  return {
    fault: { kind: 'cut', after: bytes, when: seen.promise },
    job: {
      signal: new AbortController().signal,
      report: (event) => {
        if (event.type === 'fetch-progress' && event.bytes >= bytes) seen.resolve();
      },
    },
    clock: () => {
      now += 1000;
      return now;
    },
  };
}

/** Compares without printing a difference of thousands of lines. */
export function assertSameBytes(found: Buffer, expected: Buffer): void {
  assert.ok(
    found.equals(expected),
    `${found.length} bytes found, ${expected.length} expected, or they differ`,
  );
}
