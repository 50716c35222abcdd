import { assertFacts, DigestMeter, type DigestName, digestNames, strongestDigest } from '../core/digest.ts';
import { isEspejoError } from '../core/errors.ts';
import { redactUrl } from '../core/redact.ts';
import { promised } from './body.ts';
import type { Downloaded, FetchTarget } from './fetcher.ts';
import { PartialFile } from './partial-file.ts';
import type { Answer, Headers } from './transport.ts';

export type DownloadTarget = FetchTarget & {
  readonly partialPath: string;
  readonly measure?: readonly DigestName[];
};

/** What a download needs of the fetcher. */
export type DownloadLine = {
  /** Runs the attempts over all URLs. */
  readonly tryAll: <Result>(attempt: (url: string) => Promise<Result>) => Promise<Result>;
  /** One request; throws for every status but 200, 206 and 416. */
  readonly get: (url: string, headers: Headers) => Promise<Answer>;
  /** The bounded body; progress is reported on the way. */
  readonly body: (
    answer: Answer,
    passage: { readonly url: string; readonly offset: number; readonly settle: () => Promise<void> },
  ) => AsyncIterable<Uint8Array>;
  readonly drop: (answer: Answer) => void;
  readonly signal: AbortSignal;
};

/** {@link Fetcher.download} */
export async function download(target: DownloadTarget, line: DownloadLine): Promise<Downloaded> {
  const file = await PartialFile.open(target.partialPath, {
    keepBytes: resumableBytes(target),
    newMeter: () => new DigestMeter(wantedDigests(target)),
    signal: line.signal,
  });
  let bytesFetched = 0;
  const count = (bytes: number): void => {
    bytesFetched += bytes;
  };
  try {
    if (!(await isComplete(file, target))) {
      await line.tryAll((url) => attempt(url, { file, target, line, count }));
    }
  } catch (error) {
    await file.abandon();
    throw error;
  }
  await file.close();
  return { path: target.partialPath, bytesFetched, facts: file.measure() };
}

function wantedDigests({ expected, measure = [] }: DownloadTarget): readonly DigestName[] {
  return digestNames.filter((name) => expected?.digests?.[name] !== undefined || measure.includes(name));
}

/** Without a digest nothing could tell whether two halves belong together. */
function resumableBytes({ expected, maxBytes }: DownloadTarget): number {
  if (expected?.digests === undefined || strongestDigest(expected.digests) === undefined) return 0;
  return expected.size ?? maxBytes;
}

/** Whether an earlier run left all bytes and they are right; wrong ones of full size are thrown away. */
async function isComplete(file: PartialFile, target: DownloadTarget): Promise<boolean> {
  if (target.expected?.size === undefined || file.size !== target.expected.size || file.size === 0)
    return false;
  return await settle(file, target, target.partialPath).then(() => true, isWrongBytes);
}

type Work = {
  readonly file: PartialFile;
  readonly target: DownloadTarget;
  readonly line: DownloadLine;
  readonly count: (bytes: number) => void;
};

/** Goes on where the file ends; from the start when the server cannot, or when what is there proves wrong. */
async function attempt(url: string, work: Work): Promise<void> {
  const resumable = work.file.size > 0 && resumableBytes(work.target) > 0;
  if (resumable && (await resume(url, work))) return;
  await receive(await work.line.get(url, {}), url, { ...work, offset: 0 });
}

/** False when the missing part did not come or did not fit; a server that sends the whole instead is fine. */
async function resume(url: string, work: Work): Promise<boolean> {
  const { file, line, target } = work;
  const answer = await line.get(url, { range: `bytes=${file.size}-` });
  if (answer.status === 200) {
    await receive(answer, url, { ...work, offset: 0 });
    return true;
  }
  if (answer.status !== 206 || !continues(answer, file.size, target)) {
    line.drop(answer);
    return false;
  }
  return await receive(answer, url, { ...work, offset: file.size }).then(() => true, isWrongBytes);
}

/** False for a digest that differs: the head may be the wrong part, so the whole deserves one try. */
function isWrongBytes(error: unknown): false {
  if (isEspejoError(error, 'E_DIGEST_MISMATCH')) return false;
  throw error;
}

/**
 * Writes a body from `offset` on. What is there is given up for a body from the start only when its first byte has
 * come: an answer that is refused by its headers (the page of a captive portal, say) costs nothing.
 */
async function receive(
  answer: Answer,
  url: string,
  { file, target, line, count, offset }: Work & { readonly offset: number },
): Promise<void> {
  let begun = false;
  const begin = async (): Promise<void> => {
    if (!begun && offset !== file.size) await file.restart();
    begun = true;
  };
  const whole = async (): Promise<void> => {
    await begin();
    await settle(file, target, url);
  };
  try {
    for await (const chunk of line.body(answer, { url, offset, settle: whole })) {
      await begin();
      await file.append(chunk);
      count(chunk.byteLength);
    }
  } catch (error) {
    if (begun && isEspejoError(error, 'E_SIZE_MISMATCH', 'E_SIZE_LIMIT')) await file.restart();
    throw error;
  }
}

/** Compares the whole file with the promise; wrong bytes are thrown away. */
async function settle(file: PartialFile, target: DownloadTarget, source: string): Promise<void> {
  try {
    assertFacts(redactUrl(source), promised(target), file.measure());
  } catch (error) {
    await file.restart();
    throw error;
  }
}

/** Whether a 206 is the rest of the file from `offset` on: `Content-Range: bytes <offset>-<end>/<whole or *>`. */
function continues(answer: Answer, offset: number, { expected }: DownloadTarget): boolean {
  const match = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15}|\*)$/.exec(
    answer.header('content-range')?.trim() ?? '',
  );
  if (match === null || Number(match[1]) !== offset) return false;
  const last = Number(match[2]);
  const whole = match[3] === '*' ? last + 1 : Number(match[3]);
  return last + 1 === whole && (expected?.size === undefined || expected.size === whole);
}
