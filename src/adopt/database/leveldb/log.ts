import { maskedCrc32c } from './crc32c.ts';
import { damaged } from './damage.ts';

/**
 * The records of a LevelDB log (also the form of a MANIFEST): blocks of 32 KiB with fragments, each with checksum,
 * length and type. What a crash left unfinished at the end is ignored, as LevelDB does; damage before the end is not.
 * @throws E_CATALOG
 */
export function* readLog(log: Buffer, what: string): Generator<Buffer, { readonly ignoredBytes: number }> {
  let parts: Buffer[] | undefined;
  let at = 0;
  let complete = 0;
  for (;;) {
    const fragment = fragmentAt(log, at);
    if (fragment === 'end') break;
    if (fragment === 'broken') {
      if (hasFragmentAfter(log, at)) throw damaged(what, `is damaged at byte ${at}`);
      break;
    }
    at = fragment.next;
    parts = joined(parts, fragment, what);
    if (fragment.type !== full && fragment.type !== last) continue;
    yield parts.length === 1 && parts[0] !== undefined ? parts[0] : Buffer.concat(parts);
    parts = undefined;
    complete = at;
  }
  return { ignoredBytes: log.length - complete };
}

const blockBytes = 32 * 1024;
const headerBytes = 7;
const full = 1;
const first = 2;
const middle = 3;
const last = 4;

type Fragment = { readonly type: number; readonly data: Buffer; readonly next: number };

function fragmentAt(log: Buffer, start: number): Fragment | 'end' | 'broken' {
  const left = blockBytes - (start % blockBytes);
  const at = left < headerBytes ? start + left : start;
  if (at >= log.length) return 'end';
  if (at + headerBytes > log.length) return 'broken';
  const length = log.readUInt16LE(at + 4);
  const type = log.readUInt8(at + 6);
  const next = at + headerBytes + length;
  if (type < full || type > last || next > log.length) return 'broken';
  if ((at % blockBytes) + headerBytes + length > blockBytes) return 'broken';
  const data = log.subarray(at + headerBytes, next);
  if (log.readUInt32LE(at) !== maskedCrc32c(log.subarray(at + 6, next))) return 'broken';
  return { type, data, next };
}

/** Whether a block after the broken place starts with a sound fragment: then it is no torn end. */
function hasFragmentAfter(log: Buffer, broken: number): boolean {
  for (let at = broken - (broken % blockBytes) + blockBytes; at < log.length; at += blockBytes) {
    if (typeof fragmentAt(log, at) === 'object') return true;
  }
  return false;
}

function joined(parts: Buffer[] | undefined, { type, data }: Fragment, what: string): Buffer[] {
  const starts = type === full || type === first;
  if (starts !== (parts === undefined)) throw damaged(what, 'has fragments out of order');
  if (parts === undefined) return [data];
  parts.push(data);
  return parts;
}

export const logFormat = { blockBytes, headerBytes, full, first, middle, last } as const;
