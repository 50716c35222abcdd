import { MsgExtension, type MsgValue } from './msgpack.ts';

/** A moment as aptly stores it; Date alone would lose what is below a millisecond. */
export type AptlyTime = {
  readonly at: Date;
  /** Within the second: 0 to 999,999,999. */
  readonly nanoseconds: number;
  /** Minutes east of Greenwich in which it was written down; absent for UTC. */
  readonly zone?: number;
};

/**
 * Reads a time in all the encodings that aptly ever wrote but those of 2013.
 * @returns undefined for never, and for encodings that are not known
 */
export function readTime(value: MsgValue): AptlyTime | undefined {
  const bytes = value instanceof MsgExtension && value.type === -1 ? value.data : value;
  if (!Buffer.isBuffer(bytes)) return undefined;
  switch (bytes.length) {
    case 4:
      return timeOf(BigInt(bytes.readUInt32BE(0)), 0);
    case 8: {
      const both = bytes.readBigUInt64BE(0);
      return timeOf(both & 0x3ffffffffn, Number(both >> 34n));
    }
    case 12:
      return timeOf(bytes.readBigInt64BE(4), bytes.readUInt32BE(0));
    case 15:
    case 16:
      return withZone(
        timeOf(bytes.readBigInt64BE(1) - secondsBefore1970, bytes.readUInt32BE(9)),
        bytes.readInt16BE(13),
      );
    default:
      return undefined;
  }
}

/** @param zone in minutes; -1 stands for UTC */
function withZone(time: AptlyTime | undefined, zone: number): AptlyTime | undefined {
  return time === undefined || zone === -1 ? time : { ...time, zone };
}

/** From the year 1, in which Go starts to count, to 1970. */
const secondsBefore1970 = 62_135_596_800n;
const maxDateSeconds = 8_640_000_000_000n;

function timeOf(seconds: bigint, nanoseconds: number): AptlyTime | undefined {
  const never = seconds === -secondsBefore1970;
  if (never || seconds > maxDateSeconds || seconds < -maxDateSeconds || nanoseconds > 999_999_999)
    return undefined;
  const at = new Date(Number(seconds) * 1000 + Math.floor(nanoseconds / 1_000_000));
  return Number.isNaN(at.getTime()) ? undefined : { at, nanoseconds };
}
