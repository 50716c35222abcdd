import { pipeline } from 'node:stream/promises';
import { DigestMeter, type FileFacts, verified } from '../core/digest.ts';
import { EspejoError, invariant, isEspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { type Oddity, readParagraphs } from '../deb/index-reader.ts';
import type { Fetcher } from '../fetch/fetcher.ts';
import { joinUrl } from '../fetch/url.ts';
import type { Job } from '../packages/events.ts';
import {
  type IndexForm,
  isEmptyIndex,
  type KnownIndexes,
  knownIndexId,
  type ReadableIndex,
} from './index-files.ts';
import { inflateIndex } from './inflate.ts';
import type { IndexRecording, UpstreamFiles } from './upstream-files.ts';

export type IndexReading = {
  readonly fetcher: Fetcher;
  readonly files: UpstreamFiles;
  /** Directories of Release on all upstreams of the suite, with a slash at the end. */
  readonly bases: readonly string[];
  /** What the last sync read, when that helps to recognise an index. */
  readonly known: KnownIndexes | undefined;
  /** No index may inflate to more bytes than this. */
  readonly maxBytes: number;
  /** How often each form is tried at least. */
  readonly tries?: number;
  /** Whether wrong sizes and digests are but warned about; default false. */
  readonly ignoreChecksums?: boolean;
};

/** Gets the paragraphs of an index, batch by batch; may be called anew after a failed attempt, hence `start`. */
export type IndexConsumer = {
  start(): void;
  batch(paragraphs: readonly Buffer[]): void;
  /** Is told what is odd about the index besides its paragraphs. */
  odd(oddity: Oddity): void;
};

/**
 * Reads one index: from the store when its digest is known there, else from upstream in the best form that is right,
 * in one pass of inflate → digest → parse. What the consumer got counts only when this returns.
 * @returns the SHA-256 of the plain index; undefined for an empty one
 * @throws E_FETCH_*, E_DIGEST_MISMATCH, E_SIZE_*, E_DECOMPRESS, E_INDEX_SYNTAX
 */
export async function readIndex(
  index: ReadableIndex,
  reading: IndexReading,
  consumer: IndexConsumer,
  job: Job,
): Promise<string | undefined> {
  if (isEmptyIndex(index)) return undefined;
  const id = knownIndexId(index, reading.known);
  if (id !== undefined) {
    const stored = await reading.files.readIndex(
      id,
      (source) => readInto(index.path, source, consumer),
      job.signal,
    );
    if (stored !== undefined) return id;
  }
  return await fetchIndex(index, reading, consumer, job);
}

/** Parses a plain index into a consumer, from the start. */
export async function readInto(
  what: string,
  source: AsyncIterable<Uint8Array>,
  consumer: IndexConsumer,
): Promise<true> {
  consumer.start();
  const onOdd = (oddity: Oddity): void => consumer.odd(oddity);
  for await (const paragraphs of readParagraphs(source, { what, onOdd })) consumer.batch(paragraphs);
  return true;
}

async function fetchIndex(
  index: ReadableIndex,
  reading: IndexReading,
  consumer: IndexConsumer,
  job: Job,
): Promise<string> {
  const failures: EspejoError[] = [];
  for (const form of index.forms) {
    try {
      return await fetchForm(index, form, reading, consumer, job);
    } catch (error) {
      if (!isEspejoError(error, ...faultsOfOneForm)) throw error;
      failures.push(error);
    }
  }
  const telling = failures.find(({ code }) => code !== 'E_FETCH_NOT_FOUND');
  if (telling !== undefined) throw telling;
  throw new EspejoError(
    'E_FETCH_NOT_FOUND',
    `${redactUrl(`${reading.bases[0]}${index.path}`)}: is listed but in none of its forms there`,
    {
      cause: failures.at(-1),
      hint: 'the upstream is incomplete or in the middle of an update; try again later or name another URL',
    },
  );
}

/** After these another form of the same index may still do. */
const faultsOfOneForm = [
  'E_FETCH_NOT_FOUND',
  'E_FETCH_STATUS',
  'E_DIGEST_MISMATCH',
  'E_SIZE_MISMATCH',
  'E_DECOMPRESS',
] as const;

/** A form is one file; its attempts share nothing but the URL list, so each records a copy of its own. */
async function fetchForm(
  index: ReadableIndex,
  form: IndexForm,
  reading: IndexReading,
  consumer: IndexConsumer,
  job: Job,
): Promise<string> {
  const urls = reading.bases.flatMap((base) => form.paths.map((path) => joinUrl(base, path)));
  const maxBytes = Math.min(form.facts.size, reading.maxBytes);
  const { tries = 1 } = reading;
  const target = { urls, maxBytes, expected: strongly(form.facts), tries };
  job.report({ type: 'downloading', url: redactUrl(urls[0] ?? form.path) });
  let recording: IndexRecording | undefined;
  try {
    const plain = await reading.fetcher.stream(target, job, async (body, url) => {
      await recording?.discard();
      recording = reading.files.record(job.signal);
      return await inflateInto(
        index,
        form,
        { body, url, maxBytes: reading.maxBytes, recording },
        consumer,
        job,
      );
    });
    const sha256 = plain.digests.sha256;
    invariant(
      recording !== undefined && sha256 !== undefined,
      'a stream that ended was consumed and measured',
    );
    await recording.keep(sha256, plain.size);
    return sha256;
  } catch (error) {
    await recording?.discard();
    throw error;
  }
}

/** One strong digest is proof enough of an index; its plain bytes have to pass one of their own. */
function strongly({ size, digests }: FileFacts): FileFacts {
  const { sha256 } = digests;
  return sha256 === undefined ? { size, digests } : { size, digests: { sha256 } };
}

type Inflation = {
  readonly body: AsyncIterable<Uint8Array>;
  readonly url: string;
  readonly maxBytes: number;
  readonly recording: IndexRecording;
};

async function inflateInto(
  index: ReadableIndex,
  form: IndexForm,
  { body, url, maxBytes, recording }: Inflation,
  consumer: IndexConsumer,
  job: Job,
): Promise<FileFacts> {
  const promised = index.plain?.digests;
  const isSha512Alone = promised?.sha512 !== undefined && promised.sha256 === undefined;
  const plain = verified({
    what: `${redactUrl(url)} (inflated)`,
    maxBytes: Math.min(index.plain?.size ?? maxBytes, maxBytes),
    ...index.plain,
    meter: new DigestMeter(isSha512Alone ? ['sha256', 'sha512'] : ['sha256']),
  });
  const { signal } = job;
  const inflation = { what: redactUrl(url), maxBytes, plainBytes: index.plain?.size, signal };
  await inflateIndex(body, form.compression, inflation, (source) =>
    pipeline(
      source,
      plain,
      (checked: AsyncIterable<Uint8Array>) => readInto(index.path, copied(checked, recording), consumer),
      { signal },
    ),
  );
  return plain.meter.finish();
}

async function* copied(
  source: AsyncIterable<Uint8Array>,
  recording: IndexRecording,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    await recording.write(chunk);
    yield chunk;
  }
}
