import type { IncomingHttpHeaders } from 'node:http';
import { parseByteRange } from './byte-range.ts';

/** What the open descriptor says of a file; `modifiedNs` in nanoseconds since 1970. */
export type ServedFile = { readonly size: number; readonly modifiedNs: bigint; readonly inode: bigint };

export type FileAnswer = {
  readonly status: 200 | 206 | 304 | 412 | 416;
  readonly headers: Readonly<Record<string, string>>;
  /** First byte and number of bytes of the body; undefined when there is none to send. */
  readonly body: { readonly start: number; readonly length: number } | undefined;
};

/**
 * Decides the answer to a GET or HEAD of an existing file: preconditions in the order of RFC 9110 section 13.2.2, then the
 * range. If-Modified-Since must equal Last-Modified (as in nginx): a publication that was rolled back to an older
 * generation has an earlier date and must not look unmodified to a client that has the newer one.
 */
export function planFileAnswer(request: IncomingHttpHeaders, file: ServedFile): FileAnswer {
  const { etag, modified } = validatorsOf(file);
  const validators = { etag, 'last-modified': modified };
  if (preconditionFails(request, etag, modified)) return { status: 412, headers: {}, body: undefined };
  if (isUnmodified(request, etag, modified)) return { status: 304, headers: validators, body: undefined };
  const wanted = isRangeCurrent(request['if-range'], etag, modified) ? request.range : undefined;
  const range = parseByteRange(wanted, file.size);
  const headers = { ...validators, 'accept-ranges': 'bytes' };
  switch (range.kind) {
    case 'whole':
      return answer(200, headers, { start: 0, length: file.size });
    case 'part': {
      const length = range.end - range.start + 1;
      const described = { ...headers, 'content-range': `bytes ${range.start}-${range.end}/${file.size}` };
      return answer(206, described, { start: range.start, length });
    }
    case 'unsatisfiable':
      return { status: 416, headers: { 'content-range': `bytes */${file.size}` }, body: undefined };
  }
}

function answer(
  status: 200 | 206,
  headers: Readonly<Record<string, string>>,
  body: { readonly start: number; readonly length: number },
): FileAnswer {
  return { status, headers: { ...headers, 'content-length': String(body.length) }, body };
}

/** The values of `ETag` and `Last-Modified`. */
export function validatorsOf(file: ServedFile): { readonly etag: string; readonly modified: string } {
  return { etag: etagOf(file), modified: modifiedOf(file) };
}

/** A strong validator: a file of the tree is replaced by a rename, never written in place. */
function etagOf({ size, modifiedNs, inode }: ServedFile): string {
  return `"${size.toString(16)}-${modifiedNs.toString(16)}-${inode.toString(16)}"`;
}

function modifiedOf({ modifiedNs }: ServedFile): string {
  return new Date(Number(modifiedNs / 1_000_000n)).toUTCString();
}

function preconditionFails(request: IncomingHttpHeaders, etag: string, modified: string): boolean {
  const match = request['if-match'];
  if (match !== undefined) return !listsTag(match, etag, false);
  const since = Date.parse(request['if-unmodified-since'] ?? '');
  return !Number.isNaN(since) && Date.parse(modified) > since;
}

/** Whether the client has the file already, by If-None-Match or, without it, If-Modified-Since. */
export function isUnmodified(request: IncomingHttpHeaders, etag: string, modified: string): boolean {
  const noneMatch = request['if-none-match'];
  if (noneMatch !== undefined) return listsTag(noneMatch, etag, true);
  const since = request['if-modified-since'];
  return since !== undefined && (since === modified || Date.parse(since) === Date.parse(modified));
}

function isRangeCurrent(condition: string | string[] | undefined, etag: string, modified: string): boolean {
  if (condition === undefined) return true;
  const text = String(condition).trim();
  return text.startsWith('"') ? text === etag : Date.parse(text) === Date.parse(modified);
}

/** Whether a list of entity tags names `etag`; `weakly`: a `W/` before it does not matter. */
function listsTag(list: string, etag: string, weakly: boolean): boolean {
  if (list.trim() === '*') return true;
  return list.split(',').some((item) => {
    const tag = item.trim();
    return tag === etag || (weakly && tag === `W/${etag}`);
  });
}
