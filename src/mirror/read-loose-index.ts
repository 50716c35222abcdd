import { DigestMeter } from '../core/digest.ts';
import { EspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { joinUrl } from '../fetch/url.ts';
import type { Job } from '../packages/events.ts';
import { isAbsent } from './absent.ts';
import { mismatchText } from './aptly-words.ts';
import type { IndexForm, PackageIndex } from './index-files.ts';
import { type IndexConsumer, type IndexReading, readInto } from './indexes.ts';
import { inflateIndex } from './inflate.ts';

type LooseForm = Omit<IndexForm, 'facts'> & Partial<Pick<IndexForm, 'facts'>>;

/**
 * Reads an index as `-ignore-checksums` has it: in the first form that is there, whether Release lists it or not; what
 * differs from Release is a warning.
 * @throws E_FETCH_*, E_SIZE_LIMIT, E_DECOMPRESS, E_INDEX_SYNTAX; E_INDEX_NOT_LISTED when no form is there
 */
export async function readLooseIndex(
  index: PackageIndex,
  reading: IndexReading,
  consumer: IndexConsumer,
  job: Job,
): Promise<undefined> {
  const [base = ''] = reading.bases;
  for (const form of [...index.forms, ...index.unlisted]) {
    try {
      await readForm(joinUrl(base, form.path), form, reading, { what: index.path, consumer, job });
      return undefined;
    } catch (error) {
      if (!isAbsent(error)) throw error;
    }
  }
  const url = redactUrl(joinUrl(base, index.path));
  throw new EspejoError('E_INDEX_NOT_LISTED', `no candidates for ${url} found`);
}

async function readForm(
  url: string,
  { compression, facts }: LooseForm,
  { fetcher, maxBytes, tries = 1 }: IndexReading,
  { what, consumer, job }: { readonly what: string; readonly consumer: IndexConsumer; readonly job: Job },
): Promise<void> {
  job.report({ type: 'downloading', url: redactUrl(url) });
  const found = await fetcher.stream({ urls: [url], maxBytes, tries }, job, async (body) => {
    const meter = new DigestMeter();
    const inflation = { what: redactUrl(url), maxBytes, signal: job.signal };
    await inflateIndex(metered(body, meter), compression, inflation, (plain) =>
      readInto(what, plain, consumer),
    );
    return meter.finish();
  });
  const mismatch = mismatchText(redactUrl(url), facts ?? {}, found);
  if (mismatch !== undefined) job.report({ type: 'tolerated', message: mismatch });
}

async function* metered(
  body: AsyncIterable<Uint8Array>,
  meter: DigestMeter,
): AsyncGenerator<Uint8Array, void> {
  for await (const chunk of body) {
    meter.update(chunk);
    yield chunk;
  }
}
